// A client that sees raw bytes, and the emulator it talks to: what the wire tests share. Whoever
// waits reads until the answer's own framing says it is complete; nothing here sleeps.
#pragma once

#include "emulator/cli/application.hpp"
#include "handlers/aws/sigv4.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace benchtop::wire {

// A fresh one with the lab, on free ports; not started.
std::unique_ptr<cli::Application> open_emulator(net::Deadlines deadlines = {});
// One for the whole program, started.
cli::Application& emulator();

struct Answer {
    std::string head; // status line and headers, without the empty line
    std::string body; // de-chunked
    bool complete = false;

    int status() const;
    std::string header(std::string_view name) const;
    // Names of the headers in order, joined by spaces.
    std::string names() const;
    // <Code> of an error document, or "".
    std::string code() const;
};

class Wire {
public:
    explicit Wire(std::uint16_t port = emulator().port());
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // Stops silently when the server has answered and gone: the answer tells.
    void send(std::string_view bytes);
    void end_sending();
    // Gives up, with `complete` false, when the server closes or is quiet for too long.
    Answer receive(bool head_only = false);
    // True when the server closes in good order, without another byte.
    bool closed();

private:
    bool receive_chunks(std::string& body);
    bool fill();

    int fd_;
    bool ended_ = false; // by the server, not by a reset or the safety net
    std::string buffer_;
};

std::string host();

inline const std::string kBucketPath = "/student-upload-bucket-aj";

// The administrator's request head, signed; `extra` are whole header lines that are not signed.
std::string signed_head(
    std::string_view method,
    const std::string& path,
    std::string_view extra,
    std::string_view payload_hash = "UNSIGNED-PAYLOAD",
    handlers::aws::HttpHeaders more = {}
);
std::string put(const std::string& key, const std::string& body);
bool stored(const std::string& key, cli::Application& application = emulator());

} // namespace benchtop::wire
