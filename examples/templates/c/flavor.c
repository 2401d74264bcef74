// The flavor: what crhost asks about registries of my-registry.

#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

#define VERSION "0.1.0"
#define HOST "my-registry.example"
#define EXAMPLE HOST "/team"
#define API "https://api.my-registry.example"
#define REPOSITORIES "/v1/repositories"

static const struct service SERVICE = {"my-registry", "the token", "endpoint"};

static exports_crhost_flavor_flavor_option_spec_t option(const char *name, const char *summary, uint8_t kind) {
    exports_crhost_flavor_flavor_option_spec_t option = {.name = string(name), .summary = string(summary)};
    option.kind.tag = kind;
    return option;
}

void exports_crhost_flavor_flavor_describe(exports_crhost_flavor_flavor_description_t *description) {
    exports_crhost_flavor_flavor_option_spec_t *options = calloc(2, sizeof *options);
    options[0] = option("create-repository", "Create a missing repository before a push",
                        EXPORTS_CRHOST_FLAVOR_FLAVOR_OPTION_KIND_FLAG);
    options[0].default_ = (guest_option_string_t){true, string("true")};
    options[1] = option("endpoint", "URL of the API; `" API "` unless you go through another",
                        EXPORTS_CRHOST_FLAVOR_FLAVOR_OPTION_KIND_URL);
    exports_crhost_flavor_flavor_field_t *fields = calloc(2, sizeof *fields);
    fields[0] = text_field("username", "The user name", "MY_REGISTRY_USERNAME");
    fields[1] = secret_field("token", "The access token", "MY_REGISTRY_TOKEN");
    operation_t *operations = calloc(2, sizeof *operations);
    operations[0] = operation("check-repository", "Looks for the repository", CRHOST_FLAVOR_HTTP_METHOD_GET, API,
                              "endpoint", REPOSITORIES "/*", NULL, "token");
    operations[1] = operation("create-repository", "Creates it", CRHOST_FLAVOR_HTTP_METHOD_POST, API, "endpoint",
                              REPOSITORIES, "name", "token");
    exports_crhost_flavor_flavor_auth_method_t *method = calloc(1, sizeof *method);
    *method = (exports_crhost_flavor_flavor_auth_method_t){
        .connector_type = string("my-registry"),
        .name = string("token"),
        .summary = string("A user name and an access token"),
        .fields = {fields, 2},
        .operations = {operations, 2},
        .registry_password = {true, string("token")},
    };
    guest_string_t *example = calloc(1, sizeof *example);
    *example = string(EXAMPLE);
    *description = (exports_crhost_flavor_flavor_description_t){
        .name = string("my-registry"),
        .version = string(VERSION),
        .summary = string("Registries of " HOST),
        .uri_examples = {example, 1},
        .options = {options, 2},
        .auth_methods = {method, 1},
    };
}

// The canonical form of a well-formed URI, and a warning.
static bool grammar(struct uri *uri, char **warning, failure_t *failure) {
    bool here = !strcmp(uri->host, "localhost") || !strcmp(uri->host, "127.0.0.1");
    if (here && uri->port) {
        *warning = format("`%s:%d` is taken for a registry of this kind, for development", uri->host, uri->port);
    } else if (strcmp(uri->host, HOST)) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("host `%s` is not `" HOST "`", uri->host), "write e.g. `" EXAMPLE "`");
    } else if (uri->port && uri->port != 443) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("`%s` has a port, expected `" HOST "` without one", uri_text(uri)),
                    "write e.g. `" EXAMPLE "`");
    } else {
        uri->port = 0;
    }
    if (*uri->path) return true;
    char *text = uri_text(uri);
    return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT, format("`%s` names no team", text),
                format("write e.g. `%s/team`", text));
}

bool exports_crhost_flavor_flavor_validate_uri(guest_string_t *uri,
                                               exports_crhost_flavor_flavor_accepted_uri_t *accepted,
                                               exports_crhost_flavor_flavor_failure_t *failure) {
    static const struct rules RULES = {HOST, EXAMPLE, grammar};
    return accept_uri(&RULES, uri, accepted, failure);
}

static bool missing_field(failure_t *failure) {
    return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                "the connector lacks `username` or `token`", "`crhost connector describe NAME` shows what it holds");
}

bool exports_crhost_flavor_flavor_prepare_image_push(exports_crhost_flavor_flavor_registry_t *registry,
                                                     exports_crhost_flavor_flavor_connector_t *connector,
                                                     exports_crhost_flavor_flavor_image_t *image,
                                                     exports_crhost_flavor_flavor_prepared_t *prepared,
                                                     exports_crhost_flavor_flavor_failure_t *failure) {
    *prepared = (exports_crhost_flavor_flavor_prepared_t){.profile = standard_profile()};
    // Without a connector nothing can be asked; the registry itself answers the push.
    if (!connector) return true;
    crhost_flavor_types_field_value_t *token = field_of(connector, "token");
    if (!token) return missing_field(failure);
    char *endpoint = option_of(registry, "endpoint"), *create = option_of(registry, "create-repository");
    char *repositories = format("%s" REPOSITORIES, endpoint ? endpoint : API), *name = chars(&image->repository);
    response_t response;
    if (!send_request(&SERVICE, CRHOST_FLAVOR_HTTP_METHOD_GET, format("%s/%s", repositories, escaped(name)),
                      token->val.secret, NULL, &response, failure)) {
        return false;
    }
    if (response.status != 404) return check_response(&SERVICE, &response, failure);
    if (!create || strcmp(create, "true")) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_NOT_FOUND, format("there is no repository `%s`", name),
                    "create it first, or set the option `create-repository`");
    }
    if (!send_request(&SERVICE, CRHOST_FLAVOR_HTTP_METHOD_POST, repositories, token->val.secret,
                      format("{\"name\":%s}", json_string(name)), &response, failure)) {
        return false;
    }
    // Another push may have been faster.
    if (response.status == 409) return true;
    if (!check_response(&SERVICE, &response, failure)) return false;
    prepared->notes.ptr = malloc(sizeof(guest_string_t));
    prepared->notes.ptr[0] = string(format("created the repository `%s`", name));
    prepared->notes.len = 1;
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
    crhost_flavor_types_field_value_t *name = field_of(connector, "username"), *token = field_of(connector, "token");
    if (!name || !token) return missing_field(failure);
    credential->tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_CREDENTIAL_BASIC;
    credential->val.basic.username = string(chars(&name->val.text));
    credential->val.basic.password.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_PASSWORD_SECRET;
    credential->val.basic.password.val.secret = token->val.secret;
    return true;
}
