"""The one settings file; every deployment value comes from the environment.

docs/operations.md lists the variables. Without any of them the settings are those of a
production server behind HTTPS.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from perfeval.env import env_bool, env_int, env_list, env_str

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("PERFEVAL_VAR", default=str(BASE_DIR / "var")))

DEBUG = env_bool("PERFEVAL_DEBUG", default=False)
SECRET_KEY = env_str("PERFEVAL_SECRET_KEY", default="debug-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("PERFEVAL_SECRET_KEY must be set outside debug")
# wsgi.py refuses to start without it outside debug; commands need none.
ALLOWED_HOSTS = env_list("PERFEVAL_ALLOWED_HOSTS")

# Set by manage.py for the commands that only read and write files.
FILES_ONLY = env_bool("PERFEVAL_FILES_ONLY", default=False)

# --- The office

# Its name in the page head and on printed pages that have no issuer.
OFFICE_NAME = env_str("PERFEVAL_OFFICE_NAME")
# Its own licensed fonts (方正小标宋, 仿宋_GB2312 …): a folder, first in every list.
OFFICE_FONT_DIR = env_str("PERFEVAL_FONT_DIR")
# Where perfeval.sh puts the default faces.
FONT_DIR = VAR_DIR / "fonts"

# Where anybody verifies a report, as its QR says: https://…/verify/; without it no QR.
VERIFY_URL = env_str("PERFEVAL_VERIFY_URL")

# Whether /published/ lists published reports for everybody, without log-in.
PUBLIC_PAGE = env_bool("PERFEVAL_PUBLIC_PAGE", default=False)

# How many PDFs the server processes of a machine make for pages at a time.
PRINTS = env_int("PERFEVAL_PRINTS", default=2)

# What signs frozen PDFs: a PKCS#12 file with its password and a picture of the seal, or
# a class of one's own (reports/signing); the certificates that verification trusts.
SIGN_PKCS12 = env_str("PERFEVAL_SIGN_PKCS12")
SIGN_PASSWORD = env_str("PERFEVAL_SIGN_PASSWORD")
SIGN_SEAL = env_str("PERFEVAL_SIGN_SEAL")
SIGNER = env_str("PERFEVAL_SIGNER")
SIGN_TRUST = env_str("PERFEVAL_SIGN_TRUST")

# --- Apps

INSTALLED_APPS = [
    "perfeval",
    "projects",
    "indicators",
    "reports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "crispy_bootstrap5",
    "crispy_forms",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]
if FILES_ONLY:
    INSTALLED_APPS = [
        "perfeval.apps.PerfEvalFilesOnlyConfig",
        "reports.apps.ReportsFilesOnlyConfig",
    ]

MIDDLEWARE = [
    "perfeval.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # In debug the development server serves static files.
    *([] if DEBUG else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "perfeval.login.LoginRequired",
    "perfeval.login.NewPasswordFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "perfeval.middleware.OriginMiddleware",
    "axes.middleware.AxesMiddleware",
    *(["perfeval.debug_pages.OwnNotFoundPage"] if DEBUG else []),
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "perfeval.context.office",
                "projects.context.navigation",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

ROOT_URLCONF = "perfeval.urls"
WSGI_APPLICATION = "perfeval.wsgi.application"

# --- Database

SQLITE_OPTIONS = {
    # Without IMMEDIATE a third of concurrent writers meet "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

# Threads of one server process; each may hold one connection.
THREADS = env_int("PERFEVAL_THREADS", default=4)

POSTGRESQL_OPTIONS: dict[str, Any] = {
    "pool": {"min_size": 1, "max_size": max(THREADS, 2), "timeout": 20},
}

_database_url = env_str("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/perfeval.sqlite3")
_database: dict[str, Any] = {**dj_database_url.parse(_database_url)}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = SQLITE_OPTIONS
elif _database["ENGINE"] == "django.db.backends.postgresql":
    # Pooled connections must not be persistent as well: CONN_MAX_AGE stays 0.
    _database["OPTIONS"] = POSTGRESQL_OPTIONS | _database.get("OPTIONS", {})
else:
    raise ImproperlyConfigured("DATABASE_URL must be an sqlite or postgres address")
DATABASES = {"default": _database}

# --- People and log-in

AUTH_USER_MODEL = "perfeval.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "projects.permissions.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
] + [
    {"NAME": "perfeval.passwords.CharacterKindsValidator", "OPTIONS": {}},
    {"NAME": "perfeval.passwords.NotUsedBefore", "OPTIONS": {"last": 5}},
]
# After so many days a log-in asks for a new password; 0: never.
PASSWORD_DAYS = env_int("PERFEVAL_PASSWORD_DAYS", default=90)

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Tries during the lock-out would otherwise lengthen it for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "429.html"
# Its pages are English and let one change the record of tries.
AXES_ENABLE_ADMIN = False
# AccessEvent holds log-ins and log-outs, and is archived.
AXES_DISABLE_ACCESS_LOG = True
AXES_CLIENT_IP_CALLABLE = "perfeval.middleware.client_address"

# Idle time: every request begins it anew.
SESSION_COOKIE_AGE = 60 * env_int("PERFEVAL_SESSION_MINUTES", default=30)
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Transport

# false: an intranet without HTTPS; cookies then travel in clear text.
HTTPS = env_bool("PERFEVAL_HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Other sites under the office's domain are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not HTTPS:
    SILENCED_SYSTEM_CHECKS += [
        "security.W004",
        "security.W008",
        "security.W012",
        "security.W016",
    ]

# true: every request comes through one proxy that sets X-Forwarded-Proto and -For.
BEHIND_PROXY = env_bool("PERFEVAL_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "perfeval.views.token_refused"
CSRF_COOKIE_HTTPONLY = False  # htmx requests take the token from the page or cookie

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Bootstrap's style sheet holds its icons as data: images.
        "img-src": ["'self'", "data:"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- Uploads and files

# Whether 快速检查 is open to who has not logged in.
QUICK_CHECK_PUBLIC = env_bool("PERFEVAL_QUICK_CHECK_PUBLIC", default=False)
# Form fields of one request; files are limited where they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A table of 200 indicators with a dozen fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
# One piece of evidence, and all of a report together.
# In 元: from this budget on, 待我审核 marks a report 大额资金.
LARGE_BUDGET = 10_000 * env_int("PERFEVAL_LARGE_BUDGET", default=500)
EVIDENCE_LARGEST = 1024 * 1024 * env_int("PERFEVAL_EVIDENCE_MB", default=50)
EVIDENCE_TOTAL = 1024 * 1024 * env_int("PERFEVAL_EVIDENCE_TOTAL_MB", default=500)
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "files"
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}

# The heads of the audit chains, day by day; best kept where nobody overwrites them.
AUDIT_HEADS = Path(
    env_str("PERFEVAL_AUDIT_HEADS", default=str(VAR_DIR / "audit_heads"))
)

# --- Background work

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Bytes of memory at which a worker begins anew; what it was at is finished first.
WORKER_MEMORY = 1024 * 1024 * env_int("PERFEVAL_WORKER_MEMORY_MB", default=700)

# --- Mail

# Without a mail server notices stand on the site alone.
EMAIL_HOST = env_str("PERFEVAL_MAIL_HOST")
HAS_MAIL = bool(EMAIL_HOST) or DEBUG
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_PORT = env_int("PERFEVAL_MAIL_PORT", default=25)
EMAIL_HOST_USER = env_str("PERFEVAL_MAIL_USER")
EMAIL_HOST_PASSWORD = env_str("PERFEVAL_MAIL_PASSWORD")
EMAIL_USE_TLS = env_bool("PERFEVAL_MAIL_STARTTLS", default=False)
EMAIL_USE_SSL = env_bool("PERFEVAL_MAIL_SSL", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env_str("PERFEVAL_MAIL_FROM", default="perfeval@localhost")
# The site as people type it, https://jxpj.example.com: before the links in mails.
SITE_ADDRESS = env_str("PERFEVAL_SITE_ADDRESS")

# --- Language, time, logs

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "perfeval.logging.RequestIdFilter"}},
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {request_id} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Its own handlers would write each line twice, or only in debug.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "perfeval": {"level": "INFO"},
        # Scanners ask for other hosts all day; the access log shows them as 400.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "projects": {"level": "INFO"},
        "indicators": {"level": "INFO"},
        "reports": {"level": "INFO"},
    },
}
