#include "emulator/net/stream.hpp"

#include "emulator/net/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cerrno>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <unistd.h>
#include <vector>

namespace benchtop::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPlainPiece = 1 << 20;
constexpr std::size_t kSecurePiece = 64 * 1024;

} // namespace

struct Stream::Tls {
    std::string name;
    asio::ssl::stream<tcp::socket&> stream;
    bool ended = false; // after close_notify only the socket is left

    Tls(tcp::socket& socket, TlsServer& server, std::string default_name)
        : name(std::move(default_name))
        , stream(socket, server.context()) {
        TlsServer::set_default_name(stream.native_handle(), name);
    }
};

Stream::Stream(tcp::socket socket)
    : socket_(std::move(socket)) {
    error_code ec;
    socket_.set_option(tcp::no_delay(true), ec);
    socket_.non_blocking(true, ec);
}

Stream::~Stream() = default;

Stream::Awaitable Stream::read_some(asio::mutable_buffer space) {
    if (tls_ && !tls_->ended) {
        return tls_->stream.async_read_some(space, kAwait);
    }
    return socket_.async_read_some(space, kAwait);
}

Stream::Awaitable Stream::write(asio::const_buffer bytes) {
    if (tls_) {
        return asio::async_write(tls_->stream, bytes, kAwait);
    }
    return asio::async_write(socket_, bytes, kAwait);
}

asio::awaitable<bool> Stream::send_file(const FileSlice& slice, std::function<void()> moved) {
    return tls_ ? send_file_secure(slice, std::move(moved))
                : send_file_plain(slice, std::move(moved));
}

asio::awaitable<bool> Stream::send_file_plain(const FileSlice& slice, std::function<void()> moved) {
    auto offset = static_cast<off_t>(slice.offset);
    std::uint64_t left = slice.length;
    while (left > 0) {
        const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPlainPiece));
        const ssize_t n = ::sendfile(socket_.native_handle(), slice.file->fd(), &offset, piece);
        if (n > 0) {
            left -= static_cast<std::uint64_t>(n);
            moved();
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            co_return false;
        }
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_write, kAwait);
        if (ec) {
            co_return false;
        }
    }
    co_return true;
}

asio::awaitable<bool>
Stream::send_file_secure(const FileSlice& slice, std::function<void()> moved) {
    std::vector<char> piece(std::min<std::uint64_t>(slice.length, kSecurePiece));
    std::uint64_t offset = slice.offset;
    std::uint64_t left = slice.length;
    while (left > 0) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
        const ssize_t n = ::pread(slice.file->fd(), piece.data(), want, static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            co_return false;
        }
        const auto bytes = asio::buffer(piece.data(), static_cast<std::size_t>(n));
        const auto [ec, sent] = co_await write(bytes);
        if (ec || sent != bytes.size()) {
            co_return false;
        }
        offset += sent;
        left -= sent;
        moved();
    }
    co_return true;
}

void Stream::cork(bool on) {
    if (tls_) {
        return;
    }
    const int value = on ? 1 : 0;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

asio::awaitable<bool>
Stream::start_tls(TlsServer& server, std::string name, asio::const_buffer received) {
    tls_ = std::make_unique<Tls>(socket_, server, std::move(name));
    const auto [ec, used] =
        co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, received, kAwait);
    // Nobody can send more than a greeting before the answer to it.
    co_return !ec && used == received.size();
}

asio::awaitable<void> Stream::end_sending() {
    if (tls_) {
        [[maybe_unused]] const auto [ec] = co_await tls_->stream.async_shutdown(kAwait);
        tls_->ended = true;
    }
    error_code ec;
    socket_.shutdown(tcp::socket::shutdown_send, ec);
}

void Stream::cancel() {
    error_code ec;
    socket_.cancel(ec);
}

void Stream::close() {
    error_code ec;
    socket_.close(ec);
}

} // namespace benchtop::net
