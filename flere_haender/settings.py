"""Settings, read from the environment. README.md lists the variables."""

import hashlib
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from flere_haender import identity_providers
from flere_haender.client_address import networks

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
# Where people find the service: printed in reports and mails.
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# DEMO=1 lets `make run` load demo data into a database of your own; the embedded one gets it always.
DEMO = env.bool("DEMO", default=False)

# A pool that gives each transaction another connection loses the cursor that an export reads through.
DATABASE_POOLED = env.bool("DATABASE_POOLED", default=False)
if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": {**env.db("DATABASE_URL"), "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLED}}
    EMBEDDED_DATABASE = False
else:
    DATABASES = {"default": {"ENGINE": "flere_haender.embedded_postgres", "NAME": "flere_haender"}}
    EMBEDDED_DATABASE = True
# A new connection costs as much as half a page: the server has forgotten all it knew of the tables.
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
# What is asked lies in memory, where a look in an index costs what reading on does, and is too short to be compiled. A
# pool refuses such settings: there they belong to the database.
if not DATABASE_POOLED:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c random_page_cost=1.1 -c jit=off")

# The folder of pg_dump and pg_restore, for a server of another version than those that are installed along.
POSTGRES_PROGRAMS = env.str("POSTGRES_PROGRAMS", default="")

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not (DEBUG or EMBEDDED_DATABASE):
        raise ImproperlyConfigured(
            "SECRET_KEY mangler. Sæt miljøvariablen SECRET_KEY til en lang, tilfældig tekst, før tjenesten startes."
        )
    # Good for the demo on this machine only: the same for one checkout, so that sessions survive a restart.
    SECRET_KEY = "demo-" + hashlib.sha256(str(BASE_DIR).encode()).hexdigest()
# Earlier keys: what they have signed is still good, and nothing more is signed with them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Behind TLS (the default for a database of your own) cookies are secure and http redirects to https.
HTTPS = env.bool("HTTPS", default=not (DEBUG or EMBEDDED_DATABASE))
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^sundhed/"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A session ends after so many seconds, and earlier when it is left alone.
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 60 * 60
SESSION_IDLE = env.int("SESSION_IDLE_MINUTES", default=120) * 60
SESSION_ENGINE = "stakeholders.sessions"
# Browsers take a cookie with this prefix only over TLS, from this host, for all of it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}flere_haender_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "flere_haender.views.too_old"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # they may name people: not in a cookie
# The proxies that are believed when they say where a request comes from.
TRUSTED_PROXIES = networks(env.list("TRUSTED_PROXIES", default=[]))

CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="flere-haender@kl.example")
# The address of the published accessibility statement; without it the draft that is our own page.
ACCESSIBILITY_STATEMENT = env.str("ACCESSIBILITY_STATEMENT", default="")
# How many months the access log is kept; the database refuses to forget it earlier than three.
ACCESS_LOG_MONTHS = env.int("ACCESS_LOG_MONTHS", default=6)
if ACCESS_LOG_MONTHS < 3:
    raise ImproperlyConfigured("ACCESS_LOG_MONTHS skal være mindst 3.")
# Accounts that have not been used for so many months are closed after two warnings; 0 is never.
ACCOUNT_UNUSED_MONTHS = env.int("ACCOUNT_UNUSED_MONTHS", default=12)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="flere-haender@kl.example")
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # seconds that a mail server may be silent

INSTALLED_APPS = [
    "flere_haender",
    "stakeholders",
    "timeline",
    "initiatives",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "import_export",
    "pghistory",
    "pgtrigger",
]

MIDDLEWARE = [
    "flere_haender.logs.RequestLogMiddleware",
    # Headers for every answer, also a redirect to https and a static file, so they stand outside what makes those.
    "flere_haender.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Against BREACH it fills up each answer with a random length, and the CSRF token is another in each.
    "django.middleware.gzip.GZipMiddleware",
    "flere_haender.middleware.KnownMethodsMiddleware",
    "flere_haender.middleware.RefuseNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "stakeholders.sessions.SessionLimitsMiddleware",
    "stakeholders.seeing_as.SeeingAsMiddleware",
    "flere_haender.middleware.SignInMiddleware",
    "flere_haender.access.MembershipMiddleware",
    "stakeholders.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "stakeholders.trail.TrailMiddleware",
    "flere_haender.middleware.FormAddressMiddleware",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

ROOT_URLCONF = "flere_haender.urls"
WSGI_APPLICATION = "flere_haender.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
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
                "stakeholders.context.service",
            ],
            "builtins": ["django.templatetags.static"],
        },
    }
]

AUTH_USER_MODEL = "stakeholders.User"
AUTHENTICATION_BACKENDS = ["stakeholders.backends.RoleBackend", "allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front"
LOGOUT_REDIRECT_URL = "front"

ACCOUNT_ADAPTER = "stakeholders.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # the outbox writes to users, and nobody waits to see whether one exists
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Flere hænder: "
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # only everywhere else
# A whole municipality sits behind one address: strict per account, wide per address.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,5/5m/key",  # also the codes of the second step, per user
    "reauthenticate": "5/5m/user",
    "change_password": "5/5m/user",
    "reset_password": "300/m/ip,5/m/key",
    "reset_password_from_key": "300/m/ip",
}

# Signing in through an organisation's own identity provider: docs/login.md.
KL_CVR = identity_providers.own_cvr(env.str("KL_CVR", default=""))
SOCIALACCOUNT_ADAPTER = "stakeholders.identity.adapter.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": identity_providers.read(env.str("OIDC_PROVIDERS", default=""), env.ENVIRON)}
}
SOCIALACCOUNT_STORE_TOKENS = False

# Two steps for those who write for KL: 1 or 0; when nothing is said, everywhere but in a demo database.
REQUIRE_MFA = env.bool("REQUIRE_MFA", default=None)
MFA_ADAPTER = "stakeholders.second_factor.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "stakeholders.passkey_forms.AddPasskey",
    "authenticate_webauthn": "stakeholders.passkey_forms.ShowPasskey",
    "login_webauthn": "stakeholders.passkey_forms.SignInWithPasskey",
    "reauthenticate_webauthn": "stakeholders.passkey_forms.ShowPasskeyAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}  # per account there is nothing to guess
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation was read in the mailbox, which proves it
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it on localhost alone

# Rate limits are counted here, so all processes share one cache. When it is full it forgets, so it is never full.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Background work: a task only says "look there"; the worker looks at the start and every minute all the same.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
PATIENCE = 1.8  # seconds that a request waits for the worker before it answers that the report is on its way

LANGUAGE_CODE = "da"
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BUILD_DIR = BASE_DIR / "build"
STATIC_URL = "/static/"
STATIC_ROOT = BUILD_DIR / "staticfiles"
STATICFILES_DIRS = [BUILD_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FIXTURE_DIR = BASE_DIR / "fixtures"

DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
# Bytes of one uploaded file. What comes after that is thrown away as it comes in.
UPLOAD_LIMIT = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "flere_haender.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# What the program that watches the service shows at /sundhed/maal; without it there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# One line of JSON for each request, error and job; somebody at a terminal reads warnings and errors as they are.
LOG_JSON = env.bool("LOG_JSON", default=not sys.stderr.isatty())
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "flere_haender.logs.JsonFormatter"},
        "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json" if LOG_JSON else "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "flere_haender": {"level": "INFO" if LOG_JSON else "WARNING"},
        "django": {"handlers": []},
        "django.request": {"level": "ERROR"},  # that a page was refused, the line of the request says
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}
