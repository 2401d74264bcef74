// The flavor `nvidia`: the registry of NVIDIA's NGC catalog, nvcr.io.
//
// Names are `nvcr.io/<org>[/<team>]/<image>`, and the login is the user `$oauthtoken` with an API key
// (https://docs.nvidia.com/ngc/latest/ngc-private-registry-user-guide.html). A push creates its repository; org and team
// have to exist, and only NGC's web site creates them.

#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

#define VERSION "0.1.0"
#define HOST "nvcr.io"
#define EXAMPLE HOST "/acme"
#define USER "$oauthtoken"

void exports_crhost_flavor_flavor_describe(exports_crhost_flavor_flavor_description_t *description) {
    exports_crhost_flavor_flavor_field_t *key = calloc(1, sizeof *key);
    *key = secret_field("api-key", "The API key", "NGC_API_KEY");
    exports_crhost_flavor_flavor_auth_method_t *method = calloc(1, sizeof *method);
    *method = (exports_crhost_flavor_flavor_auth_method_t){
        .connector_type = string("nvidia"),
        .name = string("api-key"),
        .summary = string("An API key of NGC"),
        .fields = {key, 1},
        .registry_password = {true, string("api-key")},
    };
    guest_string_t *examples = calloc(2, sizeof *examples);
    examples[0] = string(EXAMPLE);
    examples[1] = string(EXAMPLE "/ml");
    *description = (exports_crhost_flavor_flavor_description_t){
        .name = string("nvidia"),
        .version = string(VERSION),
        .summary = string("NVIDIA's NGC, " HOST),
        .documentation = {true, string("https://docs.nvidia.com/ngc/")},
        .uri_examples = {examples, 2},
        .auth_methods = {method, 1},
    };
}

// How many components a path has.
static int components(const char *path) {
    int count = *path ? 1 : 0;
    for (; *path; path++) count += *path == '/';
    return count;
}

// The canonical form of a well-formed URI, and a warning.
static bool grammar(struct uri *uri, char **warning, failure_t *failure) {
    bool here = !strcmp(uri->host, "localhost") || !strcmp(uri->host, "127.0.0.1");
    if (here && uri->port) {
        *warning = format("`%s:%d` is taken for NGC's registry, for development", uri->host, uri->port);
    } else if (strcmp(uri->host, HOST)) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("host `%s` is not NGC's registry, expected `" HOST "`", uri->host),
                    "write e.g. `" EXAMPLE "`");
    } else if (uri->port && uri->port != 443) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("`%s` has a port, expected `" HOST "` without one", uri_text(uri)),
                    format("write `" HOST "/%s`", *uri->path ? uri->path : "acme"));
    } else {
        uri->port = 0;
    }
    char *text = uri_text(uri);
    switch (components(uri->path)) {
    case 0:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT, format("`%s` names no org", text),
                    format("write e.g. `%s/acme`; `ngc org list` shows yours", text));
    case 1:
    case 2:
    case 3:
        break;
    default:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("`%s` is too deep, expected `<org>[/<team>]`", text),
                    "leave out what stands behind the team");
    }
    if (!here && (!strcmp(uri->path, "nvidia") || !strncmp(uri->path, "nvidia/", 7))) {
        *warning = format("`nvidia` has the images of the catalog; only NVIDIA may push there");
    }
    return true;
}

bool exports_crhost_flavor_flavor_validate_uri(guest_string_t *uri,
                                               exports_crhost_flavor_flavor_accepted_uri_t *accepted,
                                               exports_crhost_flavor_flavor_failure_t *failure) {
    static const struct rules RULES = {HOST, EXAMPLE, grammar};
    return accept_uri(&RULES, uri, accepted, failure);
}

bool exports_crhost_flavor_flavor_prepare_image_push(exports_crhost_flavor_flavor_registry_t *registry,
                                                     exports_crhost_flavor_flavor_connector_t *connector,
                                                     exports_crhost_flavor_flavor_image_t *image,
                                                     exports_crhost_flavor_flavor_prepared_t *prepared,
                                                     exports_crhost_flavor_flavor_failure_t *failure) {
    (void)registry, (void)connector;
    char *name = chars(&image->repository);
    int count = components(name);
    if (count < 2 || count > 3) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("image path `%s` does not fit NGC, expected `<org>[/<team>]/<image>`", shown(name)),
                    "name the image e.g. `" EXAMPLE "/train`");
    }
    *prepared = (exports_crhost_flavor_flavor_prepared_t){.profile = standard_profile()};
    return true;
}

bool exports_crhost_flavor_flavor_credentials(exports_crhost_flavor_flavor_registry_t *registry,
                                              exports_crhost_flavor_flavor_connector_t *connector,
                                              exports_crhost_flavor_flavor_purpose_t purpose,
                                              exports_crhost_flavor_flavor_image_t *image,
                                              exports_crhost_flavor_flavor_credential_t *credential,
                                              exports_crhost_flavor_flavor_failure_t *failure) {
    (void)registry, (void)purpose, (void)image;
    *credential = (exports_crhost_flavor_flavor_credential_t){.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_CREDENTIAL_DOCKER_CONFIG};
    if (!connector) return true;
    crhost_flavor_types_field_value_t *key = field_of(connector, "api-key");
    if (!key) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT, "the connector lacks `api-key`",
                    "`crhost connector describe NAME` shows what it holds");
    }
    credential->tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_CREDENTIAL_BASIC;
    credential->val.basic.username = string(USER);
    credential->val.basic.password.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_PASSWORD_SECRET;
    credential->val.basic.password.val.secret = key->val.secret;
    return true;
}
