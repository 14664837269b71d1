/* The seam between a host (the emulator, the harness) and a Lambda handler built as a shared
 * object. Pure C.
 *
 * A plugin exports ONE symbol, `benchtop_plugin_v1`, a function that returns a pointer to a
 * constant `benchtop_plugin` which stays valid until the object is unloaded.
 *
 * Versions. BENCHTOP_PLUGIN_ABI_VERSION counts incompatible changes and is part of the symbol's
 * name; a host that speaks several versions looks up the newest symbol first. Compatible growth
 * only appends members: every struct starts with (or carries) `struct_size`, the sizeof its writer
 * was compiled with, and a reader must treat a member beyond that size as absent (null, zero). So a
 * newer host runs an older plugin as it is, and a newer plugin asks with BENCHTOP_HAS before it
 * uses what an older host may lack. A host refuses a plugin whose abi_version differs from the one
 * in the symbol's name, or whose struct_size does not reach `handle`.
 *
 * Ownership. Who fills a struct owns the memory it points to. What the host passes (host,
 * invocation, getenv results) is valid until the called function returns. A result's payload
 * belongs to the plugin until the host, having copied it, calls `release`; an HTTP response's parts
 * belong to the host until the plugin calls `release`. `release` is called exactly once and only
 * when it is not null.
 *
 * Threads. The host may call `init` and `handle` from several threads at once, each time with its
 * own host and invocation structs, so a plugin keeps no mutable globals. Within one call the host's
 * functions are called from the calling thread only.
 *
 * Errors. Nothing is thrown and nothing longjmps across the seam, in either direction. Text is
 * UTF-8. `bytes` are not NUL-terminated; `const char*` is.
 */
#ifndef BENCHTOP_HANDLERS_AWS_PLUGIN_ABI_H
#define BENCHTOP_HANDLERS_AWS_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCHTOP_PLUGIN_ABI_VERSION 1u
#define BENCHTOP_PLUGIN_SYMBOL "benchtop_plugin_v1"

/* Whether `object` (a pointer to a struct with struct_size) was written by someone who knew
 * `member`. */
#define BENCHTOP_HAS(type, object, member)                                                         \
    ((object)->struct_size >= offsetof(type, member) + sizeof((object)->member))

typedef struct benchtop_bytes {
    const char* data; /* may be null when size is 0 */
    size_t size;
} benchtop_bytes;

typedef struct benchtop_header {
    benchtop_bytes name;
    benchtop_bytes value;
} benchtop_header;

typedef struct benchtop_http_request {
    size_t struct_size;
    benchtop_bytes method;
    benchtop_bytes url; /* absolute: scheme://host[:port]/path[?query], already encoded */
    const benchtop_header*
        headers; /* everything but Content-Length and Connection, Host included */
    size_t header_count;
    benchtop_bytes body;
    int64_t timeout_ms; /* for the whole exchange; <= 0: the host's own limit */
} benchtop_http_request;

/* The caller zeroes it and sets struct_size; the host fills the rest. */
typedef struct benchtop_http_response {
    size_t struct_size;
    int32_t status;    /* 0: no answer came, and `error` says why */
    int32_t timed_out; /* not 0: no answer came within the timeout */
    const benchtop_header* headers;
    size_t header_count;
    benchtop_bytes body;
    benchtop_bytes error;
    void* owner; /* the host's own */
    void (*release)(struct benchtop_http_response* response);
} benchtop_http_response;

/* What a handler may ask of its host. Every call passes `self` back. */
typedef struct benchtop_host {
    uint32_t abi_version;
    size_t struct_size;
    void* self;
    /* One piece of log text, as print() would write it: with its newline. */
    void (*log)(void* self, const char* text, size_t size);
    /* Wall clock, milliseconds since 1970-01-01T00:00:00Z. */
    int64_t (*now_ms)(void* self);
    /* Time left before the deadline; 0 when it has passed. */
    int64_t (*remaining_ms)(void* self);
    /* Fills the buffer with random bytes. Cannot fail. */
    void (*random)(void* self, void* buffer, size_t size);
    /* Sends and waits. The response is filled in every case. */
    void (*http_send
    )(void* self, const benchtop_http_request* request, benchtop_http_response* response);
    /* A variable of the function's environment, or null. */
    const char* (*getenv)(void* self, const char* name);
} benchtop_host;

typedef struct benchtop_invocation {
    size_t struct_size;
    benchtop_bytes event; /* the JSON as Invoke received it */
    benchtop_bytes request_id;
    benchtop_bytes function_name;
    benchtop_bytes function_version;
    benchtop_bytes invoked_function_arn;
    benchtop_bytes log_group_name;
    benchtop_bytes log_stream_name;
    benchtop_bytes trace_id;
    int64_t memory_limit_mb;
    int64_t deadline_ms; /* wall clock, milliseconds since 1970 */
} benchtop_invocation;

/* The host zeroes it and sets struct_size; the plugin fills the rest. */
typedef struct benchtop_result {
    size_t struct_size;
    int32_t is_error;
    benchtop_bytes
        payload; /* JSON: the answer, or {"errorMessage":..,"errorType":..,"stackTrace":[]} */
    benchtop_bytes
        error_type; /* errorType again, for hosts that report it apart; empty on success */
    void* owner;    /* the plugin's own */
    void (*release)(struct benchtop_result* result);
} benchtop_result;

typedef struct benchtop_plugin {
    uint32_t abi_version;
    size_t struct_size;
    const char* name; /* "web_presign" */
    /* One event. The result is always filled; an error is a handler's error (X-Amz-Function-Error:
     * Unhandled). */
    void (*handle
    )(const benchtop_host* host, const benchtop_invocation* invocation, benchtop_result* result);
    /* What module-level code is to Python: called once when an environment starts, before its first
     * event. An error is an init error. May be null; a host that never calls it loses nothing but
     * the earlier report, for `handle` finds the same error. A success has no payload. */
    void (*init)(const benchtop_host* host, benchtop_result* result);
} benchtop_plugin;

typedef const benchtop_plugin* (*benchtop_plugin_entry)(void);

#ifdef __cplusplus
}
#endif

#endif
