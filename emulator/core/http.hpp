// HTTP messages as values: what the edge hands in and what it must write out. Header order and
// the bytes of the request target are kept exactly as received, because signatures cover them.
#pragma once

#include "emulator/core/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace benchtop {

// Ordered, case-insensitive on lookup, duplicates kept.
class Headers {
public:
    using Entry = std::pair<std::string, std::string>;

    void add(std::string_view name, std::string_view value) { entries_.emplace_back(name, value); }

    // Replaces every header of that name by one.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);
    // First value, or nullopt.
    std::optional<std::string_view> find(std::string_view name) const;

    // First value, or "".
    std::string_view get(std::string_view name) const {
        return find(name).value_or(std::string_view{});
    }

    bool has(std::string_view name) const { return find(name).has_value(); }

    // All values joined by ",", as AWS joins repeated headers.
    std::string joined(std::string_view name) const;

    const std::vector<Entry>& entries() const { return entries_; }

    bool empty() const { return entries_.empty(); }

private:
    std::vector<Entry> entries_;
};

// One query parameter, decoded ('+' and %20 are both a space), in arrival order.
struct QueryParameter {
    std::string name;
    std::string value;
    bool has_equals = false; // "?acl" or "?acl="
};

// A parsed query string. Lookups are case-sensitive and give the FIRST value of a repeated name.
class Query {
public:
    // A bad escape keeps its '%' literally.
    static Query parse(std::string_view raw);

    std::optional<std::string_view> find(std::string_view name) const;

    bool has(std::string_view name) const { return find(name).has_value(); }

    std::string_view get(std::string_view name) const {
        return find(name).value_or(std::string_view{});
    }

    const std::vector<QueryParameter>& parameters() const { return parameters_; }

private:
    std::vector<QueryParameter> parameters_;
};

// Which of the process's doors a request came in by.
enum class Listener {
    Main,    // every service, told apart by Host and path
    HttpApi, // the short port: path is /STAGE/..., the API is fixed
};

struct RequestHead {
    std::string method;             // as received, e.g. "PUT"
    std::string target;             // raw request target, absolute-form already reduced to its path
    std::string_view path() const;  // raw, up to '?'
    std::string_view query() const; // raw, after '?', "" when none
    bool http_1_0 = false;
    Headers headers;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;  // Transfer-Encoding: chunked
    std::string source_ip; // peer address as text
    Listener listener = Listener::Main;
    bool secure = false;      // arrived over TLS
    UtcInstant received_at{}; // real axis

    std::string_view host() const { return headers.get("host"); }
};

// Part of an immutable stored body. The descriptor is owned and shared: a body deleted meanwhile
// stays readable.
class FileHandle;

struct FileSlice {
    std::shared_ptr<const FileHandle> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

// Read-only descriptor, closed with the last owner.
class FileHandle {
public:
    explicit FileHandle(int fd)
        : fd_(fd) {}

    ~FileHandle();
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;

    int fd() const { return fd_; }

private:
    int fd_;
};

// A stored body that lies in several pieces (a multipart upload's), opened one after the other
// while it is sent. Used by one thread at a time.
class BodyPieces {
public:
    BodyPieces() = default;
    BodyPieces(const BodyPieces&) = delete;
    BodyPieces& operator=(const BodyPieces&) = delete;
    virtual ~BodyPieces() = default;

    virtual std::uint64_t length() const = 0; // of all pieces
    // The next piece; nullopt after the last, and when one cannot be opened (a broken disk): then
    // fewer bytes than length() came.
    virtual std::optional<std::variant<std::string, FileSlice>> next() = 0;
};

// Bytes of a body: in memory, a file's, or several files'. An empty string: no body.
using BodyContent = std::variant<std::string, FileSlice, std::shared_ptr<BodyPieces>>;

std::uint64_t content_size(const BodyContent& content);
// Hands all bytes to `sink`, piece by piece in constant memory. false: they could not be read.
bool read_content(const BodyContent& content, const std::function<void(std::string_view)>& sink);
// All of them in memory; nullopt: they could not be read.
std::optional<std::string> whole_content(const BodyContent& content);

enum class Framing {
    ContentLength, // "Content-Length: n"
    Chunked,       // S3's XML answers
    None,          // 204, 304: neither header
};

struct Response {
    int status = 200;
    Headers headers; // without framing and Connection headers: the edge adds them
    BodyContent body;
    Framing framing = Framing::ContentLength;
    // HEAD: the length to announce though no body follows. nullopt: no Content-Length at all.
    std::optional<std::uint64_t> head_length;
    bool is_head = false; // the edge writes no body
    bool close = false;   // "Connection: close", and mean it
    // API Gateway announces "Connection: keep-alive"; S3 does not.
    bool announces_keep_alive = false;

    std::uint64_t body_size() const;
};

// Reason phrase as AWS prints it ("Not Found").
std::string_view reason_phrase(int status);

} // namespace benchtop
