// A connection's bytes: plain at first, inside TLS once the client has greeted with it. The plain
// way costs a branch. Used on the connection's own thread.
#pragma once

#include "emulator/core/http.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

namespace benchtop::net {

class TlsServer;

class Stream {
public:
    using Transferred = std::tuple<boost::system::error_code, std::size_t>;
    using Awaitable = boost::asio::awaitable<Transferred>;

    explicit Stream(boost::asio::ip::tcp::socket socket);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    boost::asio::ip::tcp::socket& socket() { return socket_; }

    bool secure() const { return tls_ != nullptr; }

    // At least one byte, or an error.
    Awaitable read_some(boost::asio::mutable_buffer space);
    // All of them, or an error.
    Awaitable write(boost::asio::const_buffer bytes);
    // Part of a file, of which bytes arrive at the kernel or not at all; `moved` is told of
    // progress.
    boost::asio::awaitable<bool> send_file(const FileSlice& slice, std::function<void()> moved);
    // Full segments only, while on. Nothing to TLS, whose records are gathered otherwise.
    void cork(bool on);

    // Speaks TLS from now on; `received` is what of the greeting was read already. `name` is shown
    // to clients that name no host.
    boost::asio::awaitable<bool>
    start_tls(TlsServer& server, std::string name, boost::asio::const_buffer received);
    // Says that nothing more follows (TLS close_notify, and waits for the client's; end of stream).
    // The socket is then read without TLS.
    boost::asio::awaitable<void> end_sending();

    // Breaks off what is under way.
    void cancel();
    void close();

private:
    struct Tls;

    boost::asio::awaitable<bool>
    send_file_plain(const FileSlice& slice, std::function<void()> moved);
    boost::asio::awaitable<bool>
    send_file_secure(const FileSlice& slice, std::function<void()> moved);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<Tls> tls_;
};

} // namespace benchtop::net
