"""Django settings, read from the environment with safe defaults (docs/reference/settings.md).

A setting that cannot work is refused at start with a sentence (`vendome.config.environment`).
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.csp import CSP

from vendome.config import environment, home

DEMO = environment.flag("VENDOME_DEMO", default=False)
DEBUG = environment.flag("VENDOME_DEBUG", default=False)
SECRET_KEY = environment.secret_key()
SECRET_KEY_FALLBACKS = environment.words("VENDOME_OLD_SECRET_KEYS")
ALLOWED_HOSTS = environment.hosts(demo=DEMO)
CSRF_TRUSTED_ORIGINS = environment.origins()

INSTALLED_APPS = [
    "vendome.config",
    "vendome.kit",
    "vendome.domains.house",
    "vendome.domains.people",
    "vendome.domains.catalogue",
    "vendome.domains.pricing",
    "vendome.domains.clients",
    "vendome.domains.stock",
    "vendome.domains.orders",
    "vendome.domains.payments",
    "vendome.domains.fulfilment",
    "vendome.domains.webhooks",
    "vendome.domains.letters",
    "vendome.flows",
    "vendome.connectors.transactions",
    "vendome.web.components",
    "vendome.web.boutique",
    "vendome.web.salon",
    "vendome.web.bureau",
    "vendome.web.letters",
    "vendome.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "vendome.config.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vendome.config.middleware.actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vendome.web.boutique.middleware.language",
    "vendome.config.middleware.expected_failures",
]

ROOT_URLCONF = "vendome.config.urls"
WSGI_APPLICATION = "vendome.config.wsgi.application"
DATABASES = {"default": environment.database()}
CACHES = {"default": {"BACKEND": "vendome.kit.cache.SharedCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Account"

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vendome.web.components.context.surface",
            ],
            "builtins": ["vendome.web.components.templatetags.vendome"],
        },
    }
]

# -- sign-in ---------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_SERIALIZER = "vendome.config.sessions.SealedJSON"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_NAME = "vendome"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "vendome.config.errors.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/welcome/"
ACCOUNT_ADAPTER = "vendome.config.signin.HouseAdapter"
ACCOUNT_FORMS = {
    "login": "vendome.config.signin.SignInForm",
    "request_login_code": "vendome.config.signin.CodeForm",
    "confirm_login_code": "vendome.config.signin.SignInCodeForm",
    "confirm_email_verification_code": "vendome.config.signin.AddressCodeForm",
    "signup": "vendome.config.signin.OpenForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True  # who opens an account is in it once she has entered the code
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "enter_code": "20/15m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# -- payments ----------------------------------------------------------------------------------------------

GIFT_CARD_KEY = environment.gift_card_key()
STRIPE = environment.stripe(demo=DEMO)

# -- the wall around pages ---------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "connect-src": [CSP.SELF, "blob:"],
    "font-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF, *(STRIPE.pages if STRIPE else ())],  # her card is entered there, never here
    "frame-ancestors": [CSP.NONE],
}
_HTTPS = environment.flag("VENDOME_HTTPS", default=not (DEMO or DEBUG))
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_HSTS_PRELOAD = _HTTPS
_BEHIND_PROXY = environment.flag("VENDOME_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _BEHIND_PROXY else 0
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SECURE = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# -- language, time, files ------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [home.PROJECT / "vendome" / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = home.state_dir() / "static"
STATICFILES_DIRS = [
    ("parts", home.PROJECT / "node_modules"),
    ("vermeil", home.PROJECT / "demo" / "house" / "media"),
]
STATICFILES_FINDERS = [
    "vendome.config.staticfiles.NamedParts",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "vendome.config.staticfiles.HouseStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # every address comes from the manifest
MEDIA_ROOT = home.state_dir() / "media"

EVENTS_DAYS = environment.number("VENDOME_EVENTS_DAYS", default=400, minimum=3, maximum=36_500)

# -- mail, jobs, logs -------------------------------------------------------------------------------------

MAILERS = environment.mailers(demo=DEMO)
DEFAULT_FROM_EMAIL = environment.text("VENDOME_MAIL_FROM") or "client.service@vermeil.example"
SITE = environment.site(is_https=_HTTPS)
LOGGING_CONFIG = None
environment.configure_logging(demo=DEMO, debug=DEBUG)
