// Tests without crhost: a fake of it answers the flavor's requests with those of a directory in `fixtures/`, in order.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

static const char *answers;
static char *asked[3];
static int next_answer;

#define CHECK(condition, ...) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__); \
            fprintf(stderr, "\n"); \
            exit(1); \
        } \
    } while (0)

// --- The fake.

static char *fixture(int number, const char *method) {
    char *path = format("fixtures/%s/%02d-%s.json", answers, number, method), *text = calloc(1, 4096);
    FILE *file = fopen(path, "r");
    CHECK(file && fread(text, 1, 4095, file) > 0, "%s", path);
    fclose(file);
    return text;
}

static char *behind(char *text, const char *key) {
    char *found = strstr(text, key);
    return found ? found + strlen(key) : NULL;
}

bool crhost_flavor_http_send(crhost_flavor_http_request_t *request, crhost_flavor_http_response_t *response,
                             crhost_flavor_http_error_t *error) {
    (void)error;
    bool is_get = request->method == CRHOST_FLAVOR_HTTP_METHOD_GET;
    CHECK(next_answer < 3, "more requests than answers");
    asked[next_answer] = format("%s %s", is_get ? "GET" : "POST", chars(&request->url));
    char *text = strstr(fixture(++next_answer, is_get ? "get" : "post"), "\"response\""), *wait = behind(text, "\"retry-after\": \"");
    guest_string_t body = string(behind(text, "\"json\": "));
    *response = (crhost_flavor_http_response_t){.status = (uint16_t)atoi(behind(text, "\"status\": "))};
    response->body.ptr = body.ptr;
    response->body.len = body.len;
    if (wait) {
        wait[strcspn(wait, "\"")] = 0;
        guest_string_t value = string(wait);
        response->headers.ptr = calloc(1, sizeof *response->headers.ptr);
        response->headers.ptr[0].f0 = string("retry-after");
        response->headers.ptr[0].f1.ptr = value.ptr;
        response->headers.ptr[0].f1.len = value.len;
        response->headers.len = 1;
    }
    return true;
}

crhost_flavor_secrets_borrow_secret_t crhost_flavor_secrets_borrow_secret(crhost_flavor_secrets_own_secret_t secret) {
    return (crhost_flavor_secrets_borrow_secret_t){secret.__handle};
}

void crhost_flavor_log_write(crhost_flavor_log_level_t level, guest_string_t *line) {
    (void)level, (void)line;
}

// --- URIs.

static void a_uri_is_accepted_in_its_canonical_form(void) {
    const struct { const char *text, *canonical; size_t warnings; } CASES[] = {
        {"my-registry.example/team", "my-registry.example/team", 0},
        {"MY-REGISTRY.example:443/team/ml/", "my-registry.example/team/ml", 0},
        {"localhost:5000/team", "localhost:5000/team", 1},
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
        {"", "`my-registry.example/team`"},
        {"team", "`my-registry.example/team`"},
        {"https://my-registry.example/team", "leave the scheme out: `my-registry.example/team`"},
        {"my-registry.example/Team", "`my-registry.example/team`"},
        {"my-registry.example/team:v1", "leave the tag out: `my-registry.example/team`"},
        {"ci:secret@my-registry.example/team", "leave user and password out"},
        {"my-registry.example//team", "write single slashes: `my-registry.example/team`"},
        {"my-registry.example", "`my-registry.example/team`"},
        {"my-registry.exampel/team", "did you mean `my-registry.example/team`?"},
        {"my-registry.example.evil.example/team", "did you mean `my-registry.example/team`?"},
        {"my-registry.com/team", "did you mean `my-registry.example/team`?"},
        {"my-registry.example:8443/team", "`my-registry.example/team`"},
        {"other.example/team", "`my-registry.example/team`"},
        {"ghcr.io/team", "use the flavor `github`"},
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

// --- Pushes.

static exports_crhost_flavor_flavor_prepared_t prepared;
static failure_t failure;

static connector_t connector(void) {
    connector_t connector = {.method = string("token")};
    connector.fields.ptr = calloc(2, sizeof *connector.fields.ptr);
    connector.fields.len = 2;
    connector.fields.ptr[0].f0 = string("username");
    connector.fields.ptr[0].f1.tag = CRHOST_FLAVOR_TYPES_FIELD_VALUE_TEXT;
    connector.fields.ptr[0].f1.val.text = string("ci");
    connector.fields.ptr[1].f0 = string("token");
    connector.fields.ptr[1].f1.tag = CRHOST_FLAVOR_TYPES_FIELD_VALUE_SECRET;
    // A handle; crhost has the value.
    connector.fields.ptr[1].f1.val.secret = (crhost_flavor_secrets_own_secret_t){7};
    return connector;
}

static bool prepare(const char *create, const char *fixtures) {
    connector_t with = connector();
    registry_t registry = {.name = string("test"), .uri = string("my-registry.example/team")};
    registry.options.ptr = calloc(1, sizeof *registry.options.ptr);
    registry.options.ptr[0].f0 = string("create-repository");
    registry.options.ptr[0].f1 = string(create);
    registry.options.len = 1;
    crhost_flavor_types_image_t image = {.host = string("my-registry.example"), .repository = string("team/train")};
    answers = fixtures;
    next_answer = 0;
    return exports_crhost_flavor_flavor_prepare_image_push(&registry, &with, &image, &prepared, &failure);
}

static void a_missing_repository_is_created(void) {
    CHECK(prepare("true", "created"), "%s", chars(&failure.message));
    CHECK(prepared.notes.len == 1, "%zu notes", prepared.notes.len);
    CHECK(!strcmp(asked[0], "GET https://api.my-registry.example/v1/repositories/team%2Ftrain"), "%s", asked[0]);
    CHECK(!strcmp(asked[1], "POST https://api.my-registry.example/v1/repositories"), "%s", asked[1]);
}

static void a_repository_that_is_there_is_left_alone(void) {
    CHECK(prepare("true", "found") && prepared.notes.len == 0, "%zu notes", prepared.notes.len);
}

static void a_missing_repository_that_is_not_to_be_created_stops_the_push(void) {
    CHECK(!prepare("false", "missing"), "it was accepted");
    CHECK(failure.kind == CRHOST_FLAVOR_TYPES_FAILURE_KIND_NOT_FOUND, "%d", failure.kind);
}

static void a_busy_service_is_asked_again_when_it_says(void) {
    CHECK(!prepare("true", "busy"), "it was accepted");
    CHECK(failure.kind == CRHOST_FLAVOR_TYPES_FAILURE_KIND_RATE_LIMITED, "%d", failure.kind);
    CHECK(failure.retry_after.is_some && failure.retry_after.val == 7, "%u", failure.retry_after.val);
    CHECK(strstr(chars(&failure.message), "slow down"), "%s", chars(&failure.message));
}

static void credentials_are_the_handle_of_the_token(void) {
    connector_t with = connector();
    exports_crhost_flavor_flavor_credential_t credential;
    CHECK(exports_crhost_flavor_flavor_credentials(NULL, &with, 0, NULL, &credential, &failure), "refused");
    CHECK(credential.val.basic.password.val.secret.__handle == 7, "another handle");
}

int main(void) {
    a_uri_is_accepted_in_its_canonical_form();
    everything_else_is_refused_with_the_next_step();
    a_missing_repository_is_created();
    a_repository_that_is_there_is_left_alone();
    a_missing_repository_that_is_not_to_be_created_stops_the_push();
    a_busy_service_is_asked_again_when_it_says();
    credentials_are_the_handle_of_the_token();
    puts("7 tests passed");
    return 0;
}
