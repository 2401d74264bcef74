// Tests without crhost: tables of URIs and images, and the credential.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

#define CHECK(condition, ...) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__); \
            fprintf(stderr, "\n"); \
            exit(1); \
        } \
    } while (0)

// --- What the component imports.

bool crhost_flavor_http_send(crhost_flavor_http_request_t *request, crhost_flavor_http_response_t *response,
                             crhost_flavor_http_error_t *error) {
    (void)response, (void)error;
    CHECK(false, "a request to %s", chars(&request->url));
    return false;
}

crhost_flavor_secrets_borrow_secret_t crhost_flavor_secrets_borrow_secret(crhost_flavor_secrets_own_secret_t secret) {
    return (crhost_flavor_secrets_borrow_secret_t){secret.__handle};
}

void crhost_flavor_log_write(crhost_flavor_log_level_t level, guest_string_t *line) {
    (void)level, (void)line;
}

// --- The tests.

static void a_uri_is_accepted_in_its_canonical_form(void) {
    const struct { const char *text, *canonical; size_t warnings; } CASES[] = {
        {"nvcr.io/acme", "nvcr.io/acme", 0},
        {"NVCR.io:443/acme/ml///", "nvcr.io/acme/ml", 0},
        {"nvcr.io/0123456789012345/ml/train", "nvcr.io/0123456789012345/ml/train", 0},
        {"nvcr.io/nvidia", "nvcr.io/nvidia", 1},
        {"nvcr.io/nvidia/pytorch", "nvcr.io/nvidia/pytorch", 1},
        {"localhost:5000/acme", "localhost:5000/acme", 1},
    };
    for (size_t at = 0; at < sizeof CASES / sizeof *CASES; at++) {
        exports_crhost_flavor_flavor_accepted_uri_t accepted;
        failure_t failure;
        guest_string_t text = string(CASES[at].text), again = string(CASES[at].canonical);
        CHECK(exports_crhost_flavor_flavor_validate_uri(&text, &accepted, &failure), "%s", CASES[at].text);
        CHECK(!strcmp(chars(&accepted.uri), CASES[at].canonical), "%s", chars(&accepted.uri));
        CHECK(accepted.warnings.len == CASES[at].warnings, "%s", CASES[at].text);
        CHECK(exports_crhost_flavor_flavor_validate_uri(&again, &accepted, &failure), "%s", CASES[at].canonical);
        CHECK(!strcmp(chars(&accepted.uri), CASES[at].canonical), "%s", chars(&accepted.uri));
    }
}

static void everything_else_is_refused_with_the_next_step(void) {
    const char *const CASES[][2] = {
        {"", "`nvcr.io/acme`"},
        {"acme", "`nvcr.io/acme`"},
        {"nvcr.io", "`nvcr.io/acme`"},
        {"https://nvcr.io/acme", "leave the scheme out: `nvcr.io/acme`"},
        {"nvcr.io/Acme", "`nvcr.io/acme`"},
        {"nvcr.io/acme/train:v1", "leave the tag out: `nvcr.io/acme/train`"},
        {"nvcr.io:5000/acme", "`nvcr.io/acme`"},
        {"nvcr.io/a/b/c/d", "behind the team"},
        {"nvcr.oi/acme", "did you mean `nvcr.io/acme`?"},
        {"ncvr.io/acme", "did you mean `nvcr.io/acme`?"},
        {"nvcr.com/acme", "did you mean `nvcr.io/acme`?"},
        {"nvcr.io.evil.com/acme", "did you mean `nvcr.io/acme`?"},
        {"www.nvcr.io/acme", "did you mean `nvcr.io/acme`?"},
        {"ngc.nvidia.com/acme", "`nvcr.io/acme`"},
        {"$oauthtoken:secret@nvcr.io/acme", "leave user and password out"},
        {"ghcr.io/acme", "use the flavor `github`"},
        {"us.icr.io/acme", "use the flavor `ibm`"},
    };
    for (size_t at = 0; at < sizeof CASES / sizeof *CASES; at++) {
        exports_crhost_flavor_flavor_accepted_uri_t accepted;
        failure_t failure;
        guest_string_t text = string(CASES[at][0]);
        CHECK(!exports_crhost_flavor_flavor_validate_uri(&text, &accepted, &failure), "%s", CASES[at][0]);
        char *hint = chars(&failure.hint.val);
        CHECK(failure.kind == CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT, "%s", CASES[at][0]);
        CHECK(failure.hint.is_some && strstr(hint, CASES[at][1]), "%s: %s", CASES[at][0], hint);
        CHECK(!strstr(hint, "secret") && !strstr(chars(&failure.message), "secret"), "%s", CASES[at][0]);
    }
}

static void an_image_is_in_an_org_and_perhaps_a_team(void) {
    registry_t registry = {.name = string("test"), .uri = string("nvcr.io/acme")};
    const struct { const char *name; bool good; } CASES[] = {
        {"acme/train", true}, {"acme/ml/train", true}, {"train", false}, {"acme/ml/x/train", false},
    };
    for (size_t at = 0; at < sizeof CASES / sizeof *CASES; at++) {
        crhost_flavor_types_image_t image = {.host = string("nvcr.io"), .repository = string(CASES[at].name)};
        exports_crhost_flavor_flavor_prepared_t prepared;
        failure_t failure;
        bool good = exports_crhost_flavor_flavor_prepare_image_push(&registry, NULL, &image, &prepared, &failure);
        CHECK(good == CASES[at].good, "%s", CASES[at].name);
    }
}

static void credentials_are_the_user_of_ngc_and_the_handle_of_the_key(void) {
    connector_t with = {.method = string("api-key")};
    with.fields.ptr = calloc(1, sizeof *with.fields.ptr);
    with.fields.len = 1;
    with.fields.ptr[0].f0 = string("api-key");
    with.fields.ptr[0].f1.tag = CRHOST_FLAVOR_TYPES_FIELD_VALUE_SECRET;
    // A handle; crhost has the value.
    with.fields.ptr[0].f1.val.secret = (crhost_flavor_secrets_own_secret_t){7};
    exports_crhost_flavor_flavor_credential_t credential;
    failure_t failure;
    CHECK(exports_crhost_flavor_flavor_credentials(NULL, &with, 0, NULL, &credential, &failure), "refused");
    CHECK(!strcmp(chars(&credential.val.basic.username), "$oauthtoken"), "another user");
    CHECK(credential.val.basic.password.val.secret.__handle == 7, "another handle");
}

int main(void) {
    a_uri_is_accepted_in_its_canonical_form();
    everything_else_is_refused_with_the_next_step();
    an_image_is_in_an_org_and_perhaps_a_team();
    credentials_are_the_user_of_ngc_and_the_handle_of_the_key();
    puts("4 tests passed");
    return 0;
}
