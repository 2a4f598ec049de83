"""Accepted agreements, named organisations and files."""

import io
import zipfile

import factory
from django.core.files.uploadedfile import SimpleUploadedFile

from challenges.models import BidAttachment
from contracts.models import ContractAttachment, MilestoneAttachment
from needs.disclosure import nda
from needs.models import NamedOrganisation, NdaAcceptance, NeedAttachment
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.needs import NeedFactory

PDF = b"%PDF-1.7\n"


def pdf(name: str = "说明.pdf", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + content)


def zipped(*names: str) -> bytes:
    """The bytes of a zip with files of these names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "示例")
    return packed.getvalue()


class NdaAcceptanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NdaAcceptance

    need = factory.SubFactory(NeedFactory, published=True)
    organisation = factory.SubFactory(OrganisationFactory)
    text_version = nda.VERSION
    text = "示例协议文本"
    text_hash = factory.LazyAttribute(lambda acceptance: nda.checksum(acceptance.text))
    accepted_by = factory.SubFactory(UserFactory)


class NamedOrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NamedOrganisation

    need = factory.SubFactory(NeedFactory, published=True)
    organisation = factory.SubFactory(OrganisationFactory)
    named_by = factory.SubFactory(UserFactory)


class FileFactory(factory.django.DjangoModelFactory):
    """A file with bytes on disk; `secret` stands in them."""

    class Meta:
        abstract = True

    class Params:
        secret = "示例内容"

    name = "说明.pdf"
    content_type = "application/pdf"
    size = 100
    sha256 = "0" * 64
    uploaded_by = factory.SubFactory(UserFactory)
    file = factory.LazyAttribute(lambda attachment: pdf(content=attachment.secret.encode()))


class NeedAttachmentFactory(FileFactory):
    class Meta:
        model = NeedAttachment

    need = factory.SubFactory(NeedFactory, published=True)


class BidAttachmentFactory(FileFactory):
    class Meta:
        model = BidAttachment


class ContractAttachmentFactory(FileFactory):
    class Meta:
        model = ContractAttachment


class MilestoneAttachmentFactory(FileFactory):
    class Meta:
        model = MilestoneAttachment
