// Texts.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crhost_flavor.h"

char *format(const char *pattern, ...) {
    va_list values;
    va_start(values, pattern);
    int length = vsnprintf(NULL, 0, pattern, values);
    va_end(values);
    char *text = malloc((size_t)length + 1);
    va_start(values, pattern);
    vsnprintf(text, (size_t)length + 1, pattern, values);
    va_end(values);
    return text;
}

guest_string_t string(const char *text) {
    size_t length = strlen(text);
    uint8_t *copy = malloc(length + 1);
    memcpy(copy, text, length);
    return (guest_string_t){copy, length};
}

char *chars(const guest_string_t *text) {
    char *copy = malloc(text->len + 1);
    // A zero inside would end the copy too early; no text that is accepted has any control character.
    for (size_t at = 0; at < text->len; at++) copy[at] = text->ptr[at] ? (char)text->ptr[at] : 1;
    copy[text->len] = 0;
    return copy;
}

char *shown(const char *text) {
    size_t length = strlen(text), end = length;
    if (length > 80) {
        // Not in the middle of a character.
        for (end = 80; ((unsigned char)text[end] & 0xc0) == 0x80; end--) {}
    }
    char *line = format("%.*s%s", (int)end, text, end < length ? "…" : "");
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    }
    return line;
}

bool fail(failure_t *failure, crhost_flavor_types_failure_kind_t kind, const char *message, const char *hint) {
    *failure = (failure_t){.kind = kind, .message = string(message)};
    failure->hint.is_some = hint != NULL;
    if (hint) failure->hint.val = string(hint);
    return false;
}

char *escaped(const char *component) {
    char *text = malloc(3 * strlen(component) + 1), *end = text;
    for (const unsigned char *c = (const unsigned char *)component; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("-._~", *c);
        end += sprintf(end, plain ? "%c" : "%%%02X", *c);
    }
    *end = 0;
    return text;
}

char *json_string(const char *text) {
    char *json = malloc(6 * strlen(text) + 3), *end = json;
    *end++ = '"';
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        const char *pattern = *c == '"' || *c == '\\' ? "\\%c" : *c < ' ' ? "\\u%04x" : "%c";
        end += sprintf(end, pattern, *c);
    }
    strcpy(end, "\"");
    return json;
}
