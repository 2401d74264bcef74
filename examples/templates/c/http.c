// Requests, and what their answers mean.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

static bool no_response(const struct service *service, const crhost_flavor_http_error_t *error, failure_t *failure) {
    switch (error->tag) {
    case CRHOST_FLAVOR_HTTP_ERROR_DENIED:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_DENIED, chars(&error->val.denied), NULL);
    case CRHOST_FLAVOR_HTTP_ERROR_UNREACHABLE:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_UNAVAILABLE, chars(&error->val.unreachable),
                    format("check the network, the proxy variables, and the option `%s`", service->option));
    case CRHOST_FLAVOR_HTTP_ERROR_TIMEOUT:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_UNAVAILABLE,
                    format("%s gave no complete response in the time allowed", service->name),
                    "try again later, and check the network and the proxy variables");
    case CRHOST_FLAVOR_HTTP_ERROR_INVALID_REQUEST:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_OTHER,
                    format("the flavor's request is malformed: %s", chars(&error->val.invalid_request)),
                    "it is the flavor's fault: tell its author");
    default:
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_OTHER,
                    format("%s: more than crhost allows in one call", service->name),
                    "it is the flavor's fault: tell its author");
    }
}

bool send_request(const struct service *service, crhost_flavor_http_method_t method, const char *url,
                  crhost_flavor_secrets_own_secret_t bearer, const char *json, response_t *response,
                  failure_t *failure) {
    crhost_flavor_http_tuple2_string_value_t headers[2] = {{.f0 = string("accept")}, {.f0 = string("authorization")}};
    headers[0].f1.tag = CRHOST_FLAVOR_HTTP_VALUE_TEXT;
    headers[0].f1.val.text = string("application/json");
    headers[1].f1.tag = CRHOST_FLAVOR_HTTP_VALUE_SECRET;
    headers[1].f1.val.secret.before = string("Bearer ");
    headers[1].f1.val.secret.secret = crhost_flavor_secrets_borrow_secret(bearer);
    headers[1].f1.val.secret.encoding = CRHOST_FLAVOR_SECRETS_ENCODING_RAW;
    crhost_flavor_http_request_t request = {.method = method, .url = string(url), .headers = {headers, 2}};
    request.body.tag = json ? CRHOST_FLAVOR_HTTP_BODY_JSON : CRHOST_FLAVOR_HTTP_BODY_EMPTY;
    if (json) request.body.val.json.object = string(json);
    crhost_flavor_http_error_t error;
    if (!crhost_flavor_http_send(&request, response, &error)) return no_response(service, &error, failure);
    guest_string_t line = string(format("%s answered %d", url, response->status));
    crhost_flavor_log_write(CRHOST_FLAVOR_LOG_LEVEL_DEBUG, &line);
    return true;
}

// The service's own words behind a colon, if its answer has the member `message`. A reader of JSON that needs no library
// and knows no more than this.
static char *words_of(const response_t *response) {
    guest_string_t body = {response->body.ptr, response->body.len};
    const char *text = strstr(chars(&body), "\"message\"");
    if (!text) return "";
    text += strlen("\"message\"");
    text += strspn(text, " \t\r\n:");
    return *text == '"' ? format(": %s", shown(format("%.*s", (int)strcspn(text + 1, "\"\\"), text + 1))) : "";
}

// Seconds that the service asks to wait; 2 where it does not say.
static uint32_t retry_after(const response_t *response) {
    for (size_t at = 0; at < response->headers.len; at++) {
        guest_tuple2_string_list_u8_t *header = &response->headers.ptr[at];
        if (strcmp(chars(&header->f0), "retry-after")) continue;
        guest_string_t value = {header->f1.ptr, header->f1.len};
        char *text = chars(&value);
        if (!*text || strspn(text, "0123456789") != strlen(text)) break;
        unsigned long seconds = strtoul(text, NULL, 10);
        return seconds < 86400 ? (uint32_t)seconds : 86400;
    }
    return 2;
}

bool check_response(const struct service *service, const response_t *response, failure_t *failure) {
    int status = response->status;
    if (status >= 200 && status < 300) return true;
    char *said = words_of(response), *answered = format("%s answered %d%s", service->name, status, said);
    if (status == 401) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_UNAUTHENTICATED,
                    format("%s does not accept %s%s", service->name, service->credential, said),
                    format("create %s anew; `crhost connector update` takes it into a connector", service->credential));
    }
    if (status == 403) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_DENIED,
                    format("%s does not allow it%s", service->name, said),
                    format("give %s the permission, or use another", service->credential));
    }
    if (status == 429 || status == 408 || status >= 500) {
        fail(failure, status == 429 ? CRHOST_FLAVOR_TYPES_FAILURE_KIND_RATE_LIMITED : CRHOST_FLAVOR_TYPES_FAILURE_KIND_UNAVAILABLE,
             answered, "try again later");
        failure->retry_after.is_some = status == 429 || status == 503;
        failure->retry_after.val = retry_after(response);
        return false;
    }
    return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_OTHER, answered,
                format("check the option `%s`", service->option));
}
