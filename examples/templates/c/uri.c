// URIs of registries.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

// A fault of a URI; `corrected` is the text without it, where a program can tell.
struct fault {
    char *message;
    const char *advice;
    char *corrected;
};

// Hosts of registries that crhost has built-in flavors for, and names that they end in.
static const char *const KNOWN[][2] = {
    {"docker.io", "dockerhub"},
    {"registry.hub.docker.com", "dockerhub"},
    {"docker.com", "dockerhub"},
    {"quay.io", "quay"},
    {"ghcr.io", "github"},
    {"ghe.com", "github"},
    {"github.com", "github"},
    {"gitlab.com", "gitlab"},
    {"gcr.io", "gcp"},
    {"pkg.dev", "gcp"},
    {"ecr.aws", "aws"},
    {"ecr-public.aws.com", "aws"},
    {"on.aws", "aws"},
    {"azurecr.io", "azure"},
    {"azurecr.cn", "azure"},
    {"azurecr.us", "azure"},
    {"azurecr.de", "azure"},
    {"registry.digitalocean.com", "digitalocean"},
    {"registry.cloudflare.com", "cloudflare"},
    {"cr.aliyuncs.com", "alibaba"},
    {"codeberg.org", "gitea"},
    {"gitea.com", "gitea"},
    {"icr.io", "ibm"},
    {"jfrog.io", "jfrog"},
    {"ocir.io", "oracle"},
    {"tencentcloudcr.com", "tencent"},
    {"ccs.tencentyun.com", "tencent"},
};

char *uri_text(const struct uri *uri) {
    char *port = uri->port ? format(":%d", uri->port) : "";
    return format("%s%s%s%s", uri->host, port, *uri->path ? "/" : "", uri->path);
}

static bool fault(struct fault *fault, char *message, const char *advice, char *corrected) {
    *fault = (struct fault){message, advice, corrected};
    return false;
}

static char *lower(const char *text) {
    char *copy = format("%s", text);
    for (char *c = copy; *c; c++) *c = (char)tolower((unsigned char)*c);
    return copy;
}

// The text without characters that `drop` says, and with single slashes where `slashes`.
static char *without(const char *text, bool slashes, bool blanks) {
    char *copy = malloc(strlen(text) + 1), *end = copy;
    for (const char *c = text; *c; c++) {
        bool blank = (unsigned char)*c <= ' ' || *c == 0x7f;
        if ((blanks && blank) || (slashes && *c == '/' && (end == copy || end[-1] == '/'))) continue;
        *end++ = *c;
    }
    *end = 0;
    return copy;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *label) {
    size_t length = strlen(label);
    if (!length || length > 63 || !is_letter(label[0]) || !is_letter(label[length - 1])) return false;
    for (const char *c = label; *c; c++) {
        if (!is_letter(*c) && *c != '-' && *c != '_') return false;
    }
    return true;
}

// `[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*`
static bool is_component(const char *text) {
    size_t length = strlen(text);
    if (!length || !is_letter(text[0]) || !is_letter(text[length - 1])) return false;
    for (const char *c = text; *c; c++) {
        if (is_letter(*c)) continue;
        size_t run = strspn(c, "._-");
        if (!run || !(run == 1 || strspn(c, "-") == run || (run == 2 && c[0] == '_' && c[1] == '_'))) return false;
        c += run - 1;
    }
    return true;
}

static bool is_digest(const char *text) {
    const char *colon = strchr(text, ':');
    return !strncmp(text, "sha", 3) && colon && strspn(colon + 1, "0123456789abcdefABCDEF") == strlen(colon + 1);
}

// Parts of URLs and image references that registry URIs do not have.
static bool has_no_foreign_parts(const char *text, struct fault *found) {
    const char *at = strrchr(text, '@');
    if (at) {
        char *before = format("%.*s", (int)(at - text), text);
        if (strchr(before, '/') && is_digest(at + 1)) {
            return fault(found, format("digest `%s` belongs to an image, expected a registry URI without it", shown(at)), "leave the digest out", before);
        }
        // A password may stand before it: that is never repeated.
        return fault(found, "user information before `@` is not part of a registry URI, expected `host[:port][/path]`", "leave user and password out, credentials belong to a connector", format("%s", at + 1));
    }
    if (strlen(text) > 510) return fault(found, "the registry URI is too long, expected at most 255 characters", NULL, NULL);
    const char *colon = strchr(text, ':');
    if (colon && !strncmp(colon, "://", 3)) {
        char *scheme = format("%.*s", (int)(colon - text), text);
        return fault(found, format("scheme `%s://` is not part of a registry URI, expected `host[:port][/path]`", shown(scheme)), "leave the scheme out", format("%s", colon + 3));
    }
    char *bare = without(text, false, true);
    if (strcmp(bare, text)) {
        return fault(found, format("`%s` has white space or a control character, expected a registry URI without", shown(text)), "leave it out", bare);
    }
    const char *query = strpbrk(text, "?#");
    if (query) {
        return fault(found, format("`%s` is not part of a registry URI, expected neither query nor fragment", shown(query)), "leave it out", format("%.*s", (int)(query - text), text));
    }
    return true;
}

static bool parse_host(char *authority, struct uri *uri, struct fault *found) {
    char *colon = strchr(authority, ':');
    uri->port = 0;
    if (colon) {
        const char *port = colon + 1;
        long number = strtol(port, NULL, 10);
        bool digits = *port && strspn(port, "0123456789") == strlen(port) && strlen(port) <= 5;
        if (!digits || *port == '0' || number > 65535) {
            return fault(found, format("port `:%s` is not valid, expected a number from 1 to 65535 without leading zeros", shown(port)), NULL, NULL);
        }
        uri->port = (int)number;
        *colon = 0;
    }
    uri->host = lower(authority);
    for (char *label = format("%s", uri->host), *dot; label; label = dot) {
        dot = strchr(label, '.');
        if (dot) *dot++ = 0;
        if (!is_label(label)) {
            return fault(found, format("label `%s` is not valid in a host, expected letters and digits with `-` or `_` between them", shown(label)), NULL, NULL);
        }
    }
    return true;
}

static bool parse_path(const char *whole, struct uri *uri, struct fault *found) {
    const char *last = strrchr(whole, '/'), *colon = strrchr(whole, ':');
    if (last && colon > last) {
        return fault(found, format("tag `%s` belongs to an image, expected a registry URI without it", shown(colon)), "leave the tag out", format("%.*s", (int)(colon - whole), whole));
    }
    for (char *component = format("%s", uri->path), *slash; *uri->path && component; component = slash) {
        slash = strchr(component, '/');
        if (slash) *slash++ = 0;
        if (is_component(component)) continue;
        if (is_component(lower(component))) {
            return fault(found, format("path component `%s` has upper-case letters, expected lower case", shown(component)), "write lower case", lower(whole));
        }
        return fault(found, format("path component `%s` is not valid, expected lower-case letters and digits with `.`, `_`, `__` or dashes between them", shown(component)), NULL, NULL);
    }
    return true;
}

static bool parse(const char *typed, struct uri *uri, struct fault *found) {
    if (!has_no_foreign_parts(typed, found)) return false;
    char *text = format("%s", typed);
    for (size_t end = strlen(text); end && text[end - 1] == '/'; end--) text[end - 1] = 0;
    if (!*text) return fault(found, "the registry URI is empty, expected `host[:port][/path]`", NULL, NULL);
    if (*text == '/' || strstr(text, "//")) {
        return fault(found, format("`%s` has an empty path component, expected single slashes after the host", shown(text)), "write single slashes", without(text, true, false));
    }
    char *whole = format("%s", text), *slash = strchr(text, '/');
    uri->path = slash ? slash + 1 : "";
    if (slash) *slash = 0;
    if (!strpbrk(text, ".:[") && strcmp(lower(text), "localhost")) {
        return fault(found, format("`%s` names no registry host, expected `host[:port][/path]`", shown(whole)), NULL, NULL);
    }
    if (!parse_host(text, uri, found) || !parse_path(whole, uri, found)) return false;
    if (strlen(uri_text(uri)) > 255) return fault(found, "the registry URI is too long, expected at most 255 characters", NULL, NULL);
    return true;
}

static bool is_within(const char *host, const char *domain) {
    size_t length = strlen(host), end = strlen(domain);
    if (length < end || strcmp(host + length - end, domain)) return false;
    return length == end || host[length - end - 1] == '.';
}

// The built-in flavor for a host, if it is known to be another's.
static const char *flavor_of(const char *host) {
    if (strstr(host, ".dkr.ecr") || strstr(host, ".dkr-ecr")) return "aws";
    for (size_t at = 0; at < sizeof KNOWN / sizeof *KNOWN; at++) {
        if (is_within(host, KNOWN[at][0])) return KNOWN[at][1];
    }
    return NULL;
}

// Whether one letter added, left out, changed, or swapped with its neighbour makes one text into the other.
static bool is_one_slip_from(const char *a, const char *b) {
    for (; *a && *a == *b; a++, b++) {}
    if (!*a && !*b) return false;
    if (*a && *b && (!strcmp(a + 1, b + 1) || (a[0] == b[1] && a[1] == b[0] && !strcmp(a + 2, b + 2)))) return true;
    return (*a && !strcmp(a + 1, b)) || (*b && !strcmp(a, b + 1));
}

// Whether a host can only have been meant as another, or is made to look like it.
static bool is_mistaken(const char *host, const char *meant) {
    if (!strcmp(host, meant)) return false;
    size_t first = strcspn(meant, ".");
    bool same_name = strcspn(host, ".") == first && !strncmp(host, meant, first);
    bool inside = strstr(format(".%s.", host), format(".%s.", meant)) != NULL;
    return same_name || inside || is_one_slip_from(host, meant);
}

static bool judge(const struct rules *rules, struct uri *uri, exports_crhost_flavor_flavor_accepted_uri_t *accepted,
                  failure_t *failure) {
    const char *other = flavor_of(uri->host);
    if (other) {
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("`%s` is no registry of this flavor, expected `%s`", uri->host, rules->host),
                    format("use the flavor `%s` for it", other));
    }
    if (is_mistaken(uri->host, rules->host)) {
        struct uri meant = {(char *)rules->host, 0, uri->path};
        return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT,
                    format("host `%s` is not `%s`", uri->host, rules->host),
                    format("did you mean `%s`? If not, use the flavor `default`", uri_text(&meant)));
    }
    char *warning = NULL;
    if (!rules->grammar(uri, &warning, failure)) return false;
    *accepted = (exports_crhost_flavor_flavor_accepted_uri_t){.uri = string(uri_text(uri))};
    if (warning) {
        accepted->warnings.ptr = malloc(sizeof(guest_string_t));
        accepted->warnings.ptr[0] = string(warning);
        accepted->warnings.len = 1;
    }
    return true;
}

bool accept_uri(const struct rules *rules, const char *text, exports_crhost_flavor_flavor_accepted_uri_t *accepted,
                failure_t *failure) {
    struct uri uri;
    struct fault found, again;
    if (parse(text, &uri, &found)) return judge(rules, &uri, accepted, failure);
    char *hint = format("write e.g. `%s`", rules->example);
    if (found.corrected && parse(found.corrected, &uri, &again)) {
        if (!judge(rules, &uri, accepted, failure)) return false;
        hint = format("%s: `%s`", found.advice, uri_text(&uri));
    }
    return fail(failure, CRHOST_FLAVOR_TYPES_FAILURE_KIND_INVALID_INPUT, found.message, hint);
}
