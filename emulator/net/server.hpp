// The edge: listeners and connections. It owns the network threads and knows nothing of S3 or API
// Gateway; it obeys the actions of a pipeline::Exchange.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/core/time.hpp"
#include "emulator/pipeline/services.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace benchtop::net {

// Real time on the network; nothing AWS decides depends on these.
struct Deadlines {
    seconds head{20};       // a head that has begun must be complete
    seconds body_idle{20};  // between two pieces of a body
    seconds write_idle{60}; // the client reads nothing
    seconds idle{60};       // a kept-alive connection without a request
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 4566;     // 0: any free one
    std::uint16_t api_port = 4567; // 0: any free one
    bool serve_api_port = true;
    unsigned threads = 2;
    std::size_t connections_max = 4096;
    Deadlines deadlines;
    // Below it the lab's certificate authority is kept (made on first use); "": neither TLS nor
    // AWS's names.
    std::filesystem::path data;
};

// The certificate of the lab's CA in a data directory.
std::filesystem::path ca_file_in(const std::filesystem::path& data);

class Server {
public:
    // Binds both ports. The error's message is one sentence for the person who typed the command.
    static Result<std::unique_ptr<Server>>
    open(pipeline::Services& services, const ServerOptions& options);
    virtual ~Server() = default;

    virtual std::uint16_t port() const = 0;
    virtual std::uint16_t api_port() const = 0; // 0 when not served
    // The certificate clients must trust to use AWS's names; "" without TLS.
    virtual std::filesystem::path ca_file() const = 0;
    // Starts the network threads and returns.
    virtual void start() = 0;
    // Accepts nothing more, lets exchanges under way finish for at most `grace`, then closes;
    // returns when done.
    virtual void drain(milliseconds grace) = 0;
};

} // namespace benchtop::net
