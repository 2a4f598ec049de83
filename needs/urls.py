"""Every address of needs; one module per room."""

from needs.disclosure import urls as disclosure
from needs.files import urls as files
from needs.need import urls as need

app_name = "needs"

urlpatterns = [*need.urlpatterns, *disclosure.urlpatterns, *files.urlpatterns]
