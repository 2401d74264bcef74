// What a flavor needs beside the contract: URIs of registries, requests, failures. Change it as you like.
//
// Memory is never given back: each call runs in a fresh instance of the component, which ends with it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "generated/guest.h"

typedef crhost_flavor_types_failure_t failure_t;
typedef crhost_flavor_types_connector_t connector_t;
typedef crhost_flavor_types_registry_t registry_t;
typedef crhost_flavor_http_response_t response_t;
typedef exports_crhost_flavor_flavor_operation_t operation_t;

// A text as printf makes it.
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));
// A text for the contract: what is returned has to be on the heap.
guest_string_t string(const char *text);
// A text of the contract, with a zero at its end.
char *chars(const guest_string_t *text);
// A text of others, on one line and of bounded length.
char *shown(const char *text);

// --- Failures: one line what was wrong and what was expected, one line what to do next; no full stop.

// Fills in the failure and gives false, which is what a function of the contract returns then. `hint` may be NULL.
bool fail(failure_t *failure, crhost_flavor_types_failure_kind_t kind, const char *message, const char *hint);

// --- URIs of registries: `host[:port][/path]`, without scheme, tag and digest.

// A well-formed URI.
struct uri {
    char *host;
    int port;   // 0 if there is none.
    char *path; // Behind the first slash; empty if there is none.
};

// The canonical form.
char *uri_text(const struct uri *uri);

// A registry with one host. `grammar` judges what is well-formed: it may change the URI to its canonical form, sets a
// warning if there is one, and fails otherwise.
struct rules {
    const char *host;
    const char *example;
    bool (*grammar)(struct uri *uri, char **warning, failure_t *failure);
};

// The whole of `validate-uri`. What can be corrected is refused with the corrected form.
bool accept_uri(const struct rules *rules, const guest_string_t *typed,
                exports_crhost_flavor_flavor_accepted_uri_t *accepted, failure_t *failure);

// --- What `describe` declares.

exports_crhost_flavor_flavor_field_t text_field(const char *name, const char *summary, const char *variable);
exports_crhost_flavor_flavor_field_t secret_field(const char *name, const char *summary, const char *variable);

// Requests of one kind, with the secret field `bearer` in `Authorization: Bearer`. `member` is the name of a member of a
// JSON object, or NULL.
operation_t operation(const char *name, const char *summary, crhost_flavor_http_method_t method, const char *host,
                      const char *endpoint, const char *path, const char *member, const char *bearer);

// A registry that takes all that the specification offers.
exports_crhost_flavor_flavor_upload_profile_t standard_profile(void);

// --- Connectors and options.

// The value of an option, or NULL.
char *option_of(const registry_t *registry, const char *name);
// A field of a connector, or NULL: text, or the handle of a secret, which no code of a flavor can read.
crhost_flavor_types_field_value_t *field_of(const connector_t *connector, const char *name);

// --- Requests.

// A service with an HTTP API: what messages about its answers say.
struct service {
    const char *name;
    const char *credential;
    const char *option;
};

// Sends a request that asks for JSON, with a secret as `Authorization: Bearer`. `json` is the object to send, or NULL.
bool send_request(const struct service *service, crhost_flavor_http_method_t method, const char *url,
                  crhost_flavor_secrets_own_secret_t bearer, const char *json, response_t *response,
                  failure_t *failure);
// Fails unless the answer is a success.
bool check_response(const struct service *service, const response_t *response, failure_t *failure);
// A text as one component of a URL's path.
char *escaped(const char *component);
// A text as a string of JSON, in its quotes.
char *json_string(const char *text);
