#include "emulator/net/runtime_api_server.hpp"

#include "emulator/net/head_parser.hpp"
#include "emulator/pipeline/response_writer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <thread>

namespace benchtop::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBodyBytesMax =
    6 * 1024 * 1024 + 100; // one more tells the session it is too large
constexpr std::size_t kReadBytes = 64 * 1024;

struct WholeRequest {
    RequestHead head;
    std::string body;
    bool keep_alive = true;
};

class ServerImpl final : public RuntimeApiServer {
public:
    ServerImpl(OutcomeListener on_outcome, ReadyListener on_ready, IdleListener on_idle)
        : on_outcome_(std::move(on_outcome))
        , on_ready_(std::move(on_ready))
        , on_idle_(std::move(on_idle))
        , acceptor_(context_) {}

    ~ServerImpl() override {
        context_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    Result<void> start() {
        error_code ec;
        acceptor_.open(tcp::v4(), ec);
        if (!ec) {
            acceptor_.bind({asio::ip::address_v4::loopback(), 0}, ec);
        }
        if (!ec) {
            acceptor_.listen(16, ec);
        }
        if (ec) {
            return AwsError(500, "CannotListen", "Cannot serve the Runtime API: " + ec.message());
        }
        asio::co_spawn(context_, accept_loop(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
        return {};
    }

    std::uint16_t port() const override {
        error_code ec;
        return acceptor_.local_endpoint(ec).port();
    }

    void submit(functions::RuntimeEvent event) override {
        asio::post(context_, [this, event = std::move(event)]() mutable {
            if (on_idle_) {
                on_idle_(false);
            }
            if (auto answer = session_.submit(std::move(event))) {
                parking_->answer = std::move(*answer);
                parking_->wake_up();
            }
        });
    }

private:
    asio::awaitable<void> accept_loop() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(kAwait);
            if (ec) {
                co_return;
            }
            asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        std::string buffer;
        for (;;) {
            std::optional<WholeRequest> request = co_await read_request(socket, buffer);
            if (!request) {
                co_return;
            }
            functions::RuntimeReply reply = session_.handle(request->head, request->body);
            if (on_ready_ && session_.is_initialized()) {
                std::exchange(on_ready_, nullptr)();
            }
            if (reply.outcome) {
                on_outcome_(std::move(*reply.outcome));
                served_ = true;
            }
            std::optional<Response> answer;
            if (auto* response = std::get_if<Response>(&reply.reply)) {
                answer = std::move(*response);
            } else {
                if (on_idle_ && served_) {
                    on_idle_(true); // before the first event there is one on its way
                }
                answer = co_await park(socket);
            }
            if (!answer) {
                co_return;
            }
            const pipeline::Serialized out =
                pipeline::serialize(std::move(*answer), request->keep_alive, false);
            const auto bytes = asio::buffer(out.bytes);
            const auto [ec, n] = co_await asio::async_write(socket, bytes, kAwait);
            if (ec || n == 0 || out.close) {
                co_return;
            }
        }
    }

    // The whole request, its body cut off past the limit; nullopt when the client is gone or talks
    // nonsense.
    static asio::awaitable<std::optional<WholeRequest>>
    read_request(tcp::socket& socket, std::string& buffer) {
        HeadParser parser;
        std::string body;
        bool continue_sent = false;
        parser.set_sink([&body](ByteView bytes) {
            const std::size_t room = kBodyBytesMax + 1 - std::min(body.size(), kBodyBytesMax + 1);
            body.append(as_text(bytes.first(std::min(room, bytes.size()))));
            return true;
        });
        while (!parser.is_done()) {
            error_code ec;
            if (!buffer.empty()) {
                const std::size_t used = parser.put(asio::buffer(buffer), ec);
                buffer.erase(0, used);
                if (ec && ec != http::error::need_more) {
                    co_return std::nullopt;
                }
                if (parser.is_done()) {
                    break;
                }
            }
            const std::size_t had = buffer.size();
            if (had > kHeaderBytesMax) {
                co_return std::nullopt; // framing without end
            }
            if (parser.is_header_done() && parser.expects_continue() && !continue_sent) {
                continue_sent = true; // curl waits a second for it before a large body
                const std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
                const auto bytes = asio::buffer(interim.data(), interim.size());
                co_await asio::async_write(socket, bytes, kAwait);
            }
            buffer.resize(had + kReadBytes);
            const auto space = asio::buffer(buffer.data() + had, buffer.size() - had);
            const auto [read_error, n] = co_await socket.async_read_some(space, kAwait);
            buffer.resize(had + n);
            if (read_error) {
                co_return std::nullopt;
            }
        }
        WholeRequest request{std::move(parser.head()), std::move(body), parser.keep_alive()};
        co_return request;
    }

    // A connection whose /next waits for an event.
    struct Parking {
        asio::steady_timer wake;
        std::optional<Response> answer;

        // Also when the wait has yet to begin.
        void wake_up() { wake.expires_at(asio::steady_timer::time_point::min()); }
    };

    // Waits for an event (submit), for the client to hang up, or for another connection to ask for
    // the next event instead: nullopt then.
    asio::awaitable<std::optional<Response>> park(tcp::socket& socket) {
        using namespace asio::experimental::awaitable_operators;
        Parking parking{
            asio::steady_timer(context_, asio::steady_timer::time_point::max()), std::nullopt};
        if (parking_ != nullptr) {
            parking_->wake_up();
        }
        parking_ = &parking;
        co_await (
            parking.wake.async_wait(kAwait) || socket.async_wait(tcp::socket::wait_read, kAwait)
        );
        if (parking_ == &parking) {
            parking_ = nullptr;
            if (!parking.answer) {
                session_.connection_lost();
            }
        }
        co_return std::move(parking.answer);
    }

    OutcomeListener on_outcome_;
    ReadyListener on_ready_; // until it was called
    IdleListener on_idle_;
    bool served_ = false; // an event
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    Parking* parking_ = nullptr; // on the parked connection's coroutine
    functions::RuntimeApiSession session_;
    std::thread thread_;
};

} // namespace

Result<std::unique_ptr<RuntimeApiServer>>
RuntimeApiServer::open(OutcomeListener on_outcome, ReadyListener on_ready, IdleListener on_idle) {
    auto server = std::make_unique<ServerImpl>(
        std::move(on_outcome), std::move(on_ready), std::move(on_idle)
    );
    if (auto started = server->start(); !started) {
        return started.error();
    }
    return std::unique_ptr<RuntimeApiServer>(std::move(server));
}

} // namespace benchtop::net
