"""Settings, in reading order: environment, applications, web, people, data, background, text, logging.

Everything that differs between places comes from the environment (`.env.example` explains each variable);
a missing one fails at start with its name.
"""

from pathlib import Path

from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- Environment -----------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_COOKIES = env.bool("SECURE_COOKIES", default=False)  # True behind HTTPS

# --- Applications ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "lib",
    "accounts",
    "solutions",
    "needs",
    "contracts",
    "challenges",
    "matching",
    "care",
    "demo",
    "lab",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

# --- Web -------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.CurrentOrganisationMiddleware",
    "accounts.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.notice.context.unread_notices",
            ],
        },
    }
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A huge paste must reach the form, which answers at its field; beyond this the server refuses.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/tabler", NODE_MODULES / "@tabler" / "core" / "dist"),
    ("vendor/echarts", NODE_MODULES / "echarts" / "dist"),
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
]
# Served straight from the source folders: no collect step between cloning and running.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- People ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "dashboards:desk"
LOGOUT_REDIRECT_URL = "dashboards:home"

# --- Data ------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", conn_max_age=60)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files people attach: outside of what any web server hands out by itself.
ATTACHMENT_ROOT = env.path("ATTACHMENT_ROOT", default=BASE_DIR / "var" / "attachments")

# The engine's index of outputs, one for each machine; made from the database whenever it is missing.
INDEX_ROOT = env.path("INDEX_ROOT", default=BASE_DIR / "var" / "index")

# An OpenAI-compatible endpoint of embeddings that widens what is retrieved (matching/documents/embeddings.py); off when
# empty.
EMBEDDINGS_URL = env.str("EMBEDDINGS_URL", default="")
EMBEDDINGS_MODEL = env.str("EMBEDDINGS_MODEL") if EMBEDDINGS_URL else ""
EMBEDDINGS_KEY = env.str("EMBEDDINGS_KEY", default="")

# --- Background ------------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# The sweep must not wait behind a long run; first match wins.
CELERY_TASK_ROUTES = {
    "matching.sweep_runs": {"queue": "default"},
    "matching.embed_documents": {"queue": "default"},  # waits for somebody else's server
    "matching.*": {"queue": "matching"},
}
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 300.0  # seconds; a worker process builds its index before it is ready
CELERY_TASK_ACKS_LATE = True  # a killed worker's message comes back; every task may run twice
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # Posting must not hang while Redis is away: give up fast, the sweep delivers later.
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"

# --- Text ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]  # each by its own name
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- API -------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "accounts.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "accounts.api.errors.handle",
    # Counted per process, in memory: enough against a script that runs wild.
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "600/min"},
    # Behind HTTPS there is one proxy, which names the visitor; without it nobody's word is taken for an address.
    "NUM_PROXIES": 1 if SECURE_COOKIES else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sunhe API",
    "DESCRIPTION": (
        "Needs, outputs, organisations, matches and runs of 榫合 Sunhe.\n\n"
        "Log in with `Authorization: Token …` (the key is on your account page) or with the session of the site. "
        "Things are named by their public codes (`N-…`, `S-…`, `O-…`, `M-…`, `R-…`). Decimals are strings, times ISO "
        '8601. Every error has the shape `{"error": {"code", "message", "fields"}}`. What you may not see '
        "is answered like what does not exist."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Fields of one name with different choices.
    "ENUM_NAME_OVERRIDES": {
        "OrganisationKindEnum": "accounts.organisation.models.OrganisationKind",
        "SearchKindEnum": "matching.search.api.KINDS",
        "VerificationStateEnum": "accounts.organisation.workflow.VerificationState",
        "SolutionStateEnum": "solutions.solution.workflow.SolutionState",
        "NeedStateEnum": "needs.need.workflow.NeedState",
        "RunStateEnum": "matching.runs.workflow.RunState",
        "ComplaintStateEnum": "care.complaint.workflow.ComplaintState",
        "FollowUpKindEnum": "care.follow_up.models.FollowUpKind",
        "ChallengeStateEnum": "challenges.challenge.workflow.ChallengeState",
        "BidStateEnum": "challenges.bid.workflow.BidState",
        "ContractStateEnum": "contracts.contract.workflow.ContractState",
        "ContractKindEnum": "contracts.contract.models.ContractKind",
        "MilestoneStateEnum": "contracts.delivery.workflow.MilestoneState",
        "CaseStateEnum": "contracts.outcome.workflow.CaseState",
        "PaymentKindEnum": "contracts.delivery.models.PaymentKind",
        "BidReasonEnum": "challenges.bid.models.BidReason",
        "ReviewerStateEnum": "challenges.review.workflow.ReviewerState",
        "DecisionStateEnum": "challenges.objection.workflow.DecisionState",
        "CloseReasonEnum": "needs.need.models.CloseReason",
        "OwnCloseReasonEnum": "needs.need.api.CLOSE_REASONS",
        "MatchReasonEnum": "matching.matches.workflow.ReasonCode",
        "BuyerAnswerEnum": "matching.matches.workflow.BuyerAnswer",
        "SupplierAnswerEnum": "matching.matches.workflow.SupplierAnswer",
    },
}

# --- Logging ---------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
