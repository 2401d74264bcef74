// What `describe` declares, and what a call is given.

#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

static exports_crhost_flavor_flavor_field_t field(const char *name, const char *summary, const char *variable,
                                                  exports_crhost_flavor_flavor_field_kind_t kind) {
    exports_crhost_flavor_flavor_source_t *source = malloc(sizeof *source);
    *source = (exports_crhost_flavor_flavor_source_t){.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_SOURCE_ENV};
    source->val.env = string(variable);
    return (exports_crhost_flavor_flavor_field_t){
        .name = string(name), .summary = string(summary), .kind = kind, .required = true, .sources = {source, 1}};
}

exports_crhost_flavor_flavor_field_t text_field(const char *name, const char *summary, const char *variable) {
    return field(name, summary, variable, EXPORTS_CRHOST_FLAVOR_FLAVOR_FIELD_KIND_TEXT);
}

exports_crhost_flavor_flavor_field_t secret_field(const char *name, const char *summary, const char *variable) {
    return field(name, summary, variable, EXPORTS_CRHOST_FLAVOR_FLAVOR_FIELD_KIND_SECRET);
}

// A list of one text.
static guest_list_string_t one(const char *text) {
    guest_string_t *list = malloc(sizeof *list);
    *list = string(text);
    return (guest_list_string_t){list, 1};
}

operation_t operation(const char *name, const char *summary, crhost_flavor_http_method_t method, const char *host,
                      const char *endpoint, const char *path, const char *member, const char *bearer) {
    operation_t operation = {.name = string(name), .summary = string(summary)};
    operation.methods.ptr = malloc(sizeof method);
    operation.methods.ptr[0] = method;
    operation.methods.len = 1;
    operation.hosts = one(host);
    operation.endpoints = one(endpoint);
    operation.paths = one(path);
    if (member) {
        operation.body.ptr = calloc(1, sizeof *operation.body.ptr);
        operation.body.ptr[0].name = string(member);
        operation.body.len = 1;
    }
    exports_crhost_flavor_flavor_placement_t *secret = calloc(1, sizeof *secret);
    secret->field = string(bearer);
    secret->form = EXPORTS_CRHOST_FLAVOR_FLAVOR_SECRET_FORM_ITSELF;
    secret->place.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_PLACE_HEADER;
    secret->place.val.header.f0 = string("authorization");
    secret->place.val.header.f1 = string("Bearer ");
    operation.secrets.ptr = secret;
    operation.secrets.len = 1;
    return operation;
}

exports_crhost_flavor_flavor_upload_profile_t standard_profile(void) {
    return (exports_crhost_flavor_flavor_upload_profile_t){
        .upload = {.tag = EXPORTS_CRHOST_FLAVOR_FLAVOR_UPLOAD_MONOLITHIC},
        .mount = true,
        .zstd = true,
        .range = true,
        .referrers = EXPORTS_CRHOST_FLAVOR_FLAVOR_REFERRERS_UNKNOWN,
        .deletion = EXPORTS_CRHOST_FLAVOR_FLAVOR_DELETION_UNKNOWN,
    };
}

char *option_of(const registry_t *registry, const char *name) {
    for (size_t at = 0; at < registry->options.len; at++) {
        if (!strcmp(chars(&registry->options.ptr[at].f0), name)) return chars(&registry->options.ptr[at].f1);
    }
    return NULL;
}

crhost_flavor_types_field_value_t *field_of(const connector_t *connector, const char *name) {
    for (size_t at = 0; at < connector->fields.len; at++) {
        if (!strcmp(chars(&connector->fields.ptr[at].f0), name)) return &connector->fields.ptr[at].f1;
    }
    return NULL;
}
