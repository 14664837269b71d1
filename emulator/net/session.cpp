#include "emulator/net/session.hpp"

#include "emulator/net/head_parser.hpp"
#include "emulator/pipeline/exchange.hpp"
#include "emulator/pipeline/response_writer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace benchtop::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBufferBytes = 16 * 1024;
constexpr std::size_t kBodyBufferBytes = 256 * 1024;
constexpr std::size_t kDiscardMax =
    256 * 1024;                            // of an unwanted body, before the connection is given up
constexpr char kTlsHandshakeRecord = 0x16; // no HTTP method begins with it
constexpr std::uint16_t kHttpPort = 80;
constexpr std::size_t kChunkHeadMax = 16 * 1024; // a chunk's size line, or the trailer section

} // namespace

struct Session::Turn {
    HeadParser parser;
    pipeline::Exchange exchange;
    bool body_announced = false; // a body follows the head
    bool continue_pending = false;
    bool http_1_0 = false;
    bool keep_alive = true;
    std::optional<pipeline::Respond> early; // answered in the middle of the body

    explicit Turn(pipeline::Services& services)
        : exchange(services) {}
};

Session::Session(asio::ip::tcp::socket socket, Listener listener, SessionShared& shared)
    : stream_(std::move(socket))
    , listener_(listener)
    , shared_(shared)
    , buffer_(kBufferBytes, '\0')
    , self_(shared.sessions.insert(shared.sessions.end(), this)) {
    error_code ec;
    const auto peer = stream_.socket().remote_endpoint(ec);
    source_ip_ = ec ? "127.0.0.1" : peer.address().to_string();
}

Session::~Session() {
    shared_.sessions.erase(self_);
}

void Session::enter(Phase phase, seconds limit) {
    phase_ = phase;
    deadline_ = limit.count() == 0 ? CoarseTime::max() : shared_.now + limit;
}

std::string Session::own_address() {
    error_code ec;
    const auto own = stream_.socket().local_endpoint(ec);
    return ec ? "127.0.0.1" : own.address().to_string();
}

void Session::check_deadline() {
    if (shared_.now > deadline_) {
        timed_out_ = true;
        deadline_ = CoarseTime::max();
        stream_.cancel();
    }
}

void Session::close() {
    stream_.close();
}

asio::awaitable<void> Session::run() {
    for (;;) {
        Next next = Next::Close;
        try {
            next = co_await serve_one();
        } catch (const std::exception& bug) {
            shared_.services.log.write(
                LogLevel::Error, std::string("a request ended in a bug: ") + bug.what()
            );
        }
        if (next == Next::Close || !stream_.socket().is_open() || shared_.draining) {
            break;
        }
    }
    close();
}

// Makes room and reads at least one byte; false at end of stream, error or deadline.
asio::awaitable<bool> Session::read_more(std::size_t at_least) {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (buffer_.size() - end_ < at_least) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - end_ < at_least) {
        buffer_.resize(end_ + at_least);
    }
    const auto space = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
    const auto [ec, n] = co_await stream_.read_some(space);
    end_ += n;
    co_return !ec && n > 0;
}

asio::awaitable<Session::Next> Session::serve_one() {
    if (buffer_.size() > kBufferBytes && begin_ == end_) {
        buffer_.assign(kBufferBytes, '\0');
        buffer_.shrink_to_fit();
        begin_ = end_ = 0;
    }
    if (begin_ == end_) {
        enter(Phase::Idle, shared_.deadlines.idle);
        if (!co_await read_more(1024)) {
            co_return Next::Close;
        }
    }
    if (greeting_ != Greeting::Http) {
        const bool tls = greeting_ == Greeting::Tls || buffer_[begin_] == kTlsHandshakeRecord;
        greeting_ = Greeting::Http;
        if (tls) {
            co_return co_await start_tls() ? Next::KeepAlive : Next::Close;
        }
    }
    enter(Phase::Head, shared_.deadlines.head);
    Turn turn(shared_.services);
    turn.parser.eager(false);
    while (!turn.parser.is_header_done()) {
        error_code ec;
        begin_ += turn.parser.put(asio::buffer(buffer_.data() + begin_, end_ - begin_), ec);
        if (ec == http::error::need_more) {
            if (end_ - begin_ > kHeaderBytesMax) {
                ec = http::error::header_limit;
            } else if (co_await read_more(4096)) {
                continue;
            } else {
                co_return Next::Close; // the client left or took too long: nobody waits for an
                                       // answer
            }
        }
        if (ec) {
            turn.keep_alive = false;
            Response refusal =
                ec == http::error::header_limit
                    ? pipeline::header_too_large_response(shared_.services, listener_)
                    : pipeline::bad_request_response(shared_.services, listener_);
            refusal.close = true;
            co_await respond(turn, std::move(refusal));
            co_await linger();
            co_return Next::Close;
        }
    }
    co_return co_await drive(turn);
}

asio::awaitable<bool> Session::start_tls() {
    if (shared_.tls == nullptr) {
        co_return false;
    }
    enter(Phase::Head, shared_.deadlines.head);
    const auto received = asio::buffer(buffer_.data() + begin_, end_ - begin_);
    const bool agreed = co_await stream_.start_tls(*shared_.tls, tunnel_host_, received);
    begin_ = end_ = 0;
    co_return agreed;
}

// CONNECT: Benchtop is what lies at the other end of every tunnel.
asio::awaitable<Session::Next> Session::open_tunnel(Turn& turn) {
    const std::string asked = std::move(turn.parser.head().target);
    const auto to = parse_authority(asked, 0);
    const auto greeting = to ? tunnel_greeting(*to, own_address()) : std::nullopt;
    if (turn.body_announced) {
        turn.keep_alive = false; // whether it is a body or the tunnel's first bytes nobody can say
        Response refusal = pipeline::bad_request_response(shared_.services, listener_);
        co_return co_await respond(turn, std::move(refusal));
    }
    if (!greeting || shared_.tls == nullptr) {
        turn.keep_alive = false;
        co_return co_await refuse_to_forward(turn, asked);
    }
    tunnel_host_ = to->host;
    greeting_ = *greeting;
    enter(Phase::Writing, shared_.deadlines.write_idle);
    co_return co_await write_all("HTTP/1.1 200 Connection established\r\n\r\n") ? Next::KeepAlive
                                                                                : Next::Close;
}

asio::awaitable<Session::Next> Session::refuse_to_forward(Turn& turn, std::string_view authority) {
    Response refusal = net::refuse_to_forward(authority);
    const std::string_view sentence = std::get<std::string>(refusal.body);
    shared_.services.log.write(LogLevel::Debug, sentence.substr(0, sentence.find('\n')));
    co_return co_await respond(turn, std::move(refusal));
}

asio::awaitable<Session::Next> Session::drive(Turn& turn) {
    HeadParser& parser = turn.parser;
    turn.http_1_0 = parser.head().http_1_0;
    turn.keep_alive = parser.keep_alive() && !turn.http_1_0;
    turn.body_announced = !parser.is_done();
    turn.continue_pending = parser.expects_continue() && turn.body_announced && !turn.http_1_0;
    // Python asks in HTTP/1.0 and without a Host.
    if (listener_ == Listener::Main && tunnel_host_.empty() && !stream_.secure() &&
        parser.head().method == "CONNECT") {
        co_return co_await open_tunnel(turn);
    }
    if (parser.host_is_bad()) {
        // Recorded: 400, empty chunked body, no request id, connection closed.
        Response refusal;
        refusal.status = 400;
        refusal.framing = Framing::Chunked;
        refusal.close = true;
        co_return co_await respond(turn, std::move(refusal));
    }
    RequestHead head = std::move(parser.head());
    if (const std::string& authority = parser.authority();
        listener_ == Listener::Main && !authority.empty()) {
        const auto to = parse_authority(authority, kHttpPort);
        if (!to || !is_answered_here(*to, own_address())) {
            co_return co_await refuse_to_forward(turn, authority);
        }
        // Meant for the proxy alone; and the target's host is the one that counts (RFC 9112 3.2.2).
        head.headers.remove("proxy-connection");
        head.headers.remove("proxy-authorization");
        if (!iequals(head.host(), authority)) {
            head.headers.set("host", authority);
        }
    }
    head.source_ip = source_ip_;
    head.listener = listener_;
    head.secure = stream_.secure();
    head.received_at = shared_.services.clock.now();

    enter(Phase::Working, seconds{0});
    pipeline::Action action = turn.exchange.begin(std::move(head));
    for (;;) {
        if (auto* answer = std::get_if<pipeline::Respond>(&action)) {
            co_return co_await respond(turn, std::move(answer->response));
        }
        if (std::holds_alternative<pipeline::Drop>(action)) {
            co_return Next::Close;
        }
        if (const auto* want = std::get_if<pipeline::ReadBody>(&action)) {
            const bool complete = co_await read_body(turn, want->limit);
            if (turn.early) {
                co_return co_await respond(turn, std::move(turn.early->response));
            }
            if (!complete) {
                co_return Next::Close;
            }
            enter(Phase::Working, seconds{0});
            action = turn.exchange.body_end();
            continue;
        }
        if (auto* write = std::get_if<pipeline::Commit>(&action)) {
            store::WriteJob job = std::move(write->job);
            const store::CommitStatus status = co_await commit(std::move(job));
            action = turn.exchange.committed(status);
            continue;
        }
        if (auto* compute_action = std::get_if<pipeline::Compute>(&action)) {
            auto work = std::move(compute_action->work);
            co_await compute(std::move(work));
            action = turn.exchange.computed();
            continue;
        }
        if (auto* pause = std::get_if<pipeline::Wait>(&action)) {
            auto begin = std::move(pause->begin);
            co_await wait(std::move(begin));
            action = turn.exchange.waited();
            continue;
        }
        auto& call = std::get<pipeline::Invoke>(action);
        InvokeRequest request = std::move(call.request);
        const milliseconds deadline = call.deadline;
        std::optional<InvokeOutcome> outcome = co_await invoke(std::move(request), deadline);
        action = turn.exchange.invoked(std::move(outcome));
    }
}

// true when the whole body was handed over; false and turn.early empty: the client is gone.
asio::awaitable<bool> Session::read_body(Turn& turn, std::uint64_t limit) {
    HeadParser& parser = turn.parser;
    if (parser.is_done()) {
        co_return true;
    }
    std::uint64_t seen = 0;
    parser.set_sink([&](ByteView bytes) {
        seen += bytes.size();
        turn.early = seen > limit ? turn.exchange.too_large() : turn.exchange.body(bytes);
        return !turn.early.has_value();
    });
    parser.eager(true);
    if (turn.continue_pending && begin_ == end_) {
        enter(Phase::Writing, shared_.deadlines.write_idle);
        if (!co_await write_all("HTTP/1.1 100 Continue\r\n\r\n")) {
            co_return false;
        }
    }
    turn.continue_pending = false;
    const std::size_t want =
        parser.content_length_remaining().value_or(kBodyBufferBytes) > kBufferBytes
            ? kBodyBufferBytes
            : kBufferBytes;
    while (!parser.is_done()) {
        if (begin_ != end_) {
            error_code ec;
            begin_ += parser.put(asio::buffer(buffer_.data() + begin_, end_ - begin_), ec);
            if (turn.early) {
                co_return false;
            }
            // What the parser leaves is framing that is not complete yet, never bytes of the body.
            if (ec && (ec != http::error::need_more || end_ - begin_ > kChunkHeadMax)) {
                turn.early =
                    pipeline::Respond{pipeline::bad_request_response(shared_.services, listener_)};
                turn.early->response.close = true;
                co_return false;
            }
            if (!ec) {
                continue;
            }
        }
        enter(Phase::Body, shared_.deadlines.body_idle);
        const std::size_t room = buffer_.size() < want ? want - (end_ - begin_) : 4096;
        if (!co_await read_more(room)) {
            if (timed_out_) {
                timed_out_ = false;
                turn.early = turn.exchange.body_timed_out();
                turn.early->response.close = true;
            }
            co_return false;
        }
    }
    co_return true;
}

asio::awaitable<Session::Next> Session::respond(Turn& turn, Response response) {
    bool body_left = turn.body_announced && !turn.parser.is_done();
    if (body_left && turn.continue_pending) {
        response.close = true; // the client still decides whether to send its body
    } else if (body_left) {
        const auto remaining = turn.parser.content_length_remaining();
        if (!remaining || *remaining > kDiscardMax) {
            response.close = true;
        }
    }
    if (shared_.draining) {
        response.close = true;
    }
    pipeline::Serialized out =
        pipeline::serialize(std::move(response), turn.keep_alive, turn.http_1_0);
    enter(Phase::Writing, shared_.deadlines.write_idle);
    const bool is_stored = !std::holds_alternative<std::string>(out.stored);
    if (is_stored) {
        stream_.cork(true); // full segments only, the head with the first bytes of the file
    }
    bool sent = co_await write_all(out.bytes);
    if (sent && is_stored) {
        sent = co_await send_stored(out.stored);
        stream_.cork(false);
    }
    if (!sent) {
        co_return Next::Close;
    }
    if (out.close) {
        error_code ec;
        if (stream_.secure() || body_left || begin_ != end_ || stream_.socket().available(ec) > 0) {
            co_await linger();
        }
        co_return Next::Close;
    }
    if (body_left && !co_await discard_body(turn)) {
        co_return Next::Close;
    }
    co_return Next::KeepAlive;
}

asio::awaitable<bool> Session::write_all(std::string_view bytes) {
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    const auto [ec, n] = co_await stream_.write(buffer);
    co_return !ec && n == bytes.size();
}

asio::awaitable<bool> Session::send_stored(const BodyContent& content) {
    if (const auto* slice = std::get_if<FileSlice>(&content)) {
        co_return co_await send_file(*slice);
    }
    BodyPieces& pieces = *std::get<std::shared_ptr<BodyPieces>>(content);
    std::uint64_t left = pieces.length();
    while (left > 0) {
        const auto piece = pieces.next();
        if (!piece) {
            co_return false;
        }
        if (const auto* text = std::get_if<std::string>(&*piece)) {
            if (!co_await write_all(*text)) {
                co_return false;
            }
            left -= text->size();
            continue;
        }
        const auto& slice = std::get<FileSlice>(*piece);
        if (!co_await send_file(slice)) {
            co_return false;
        }
        left -= slice.length;
    }
    co_return true;
}

asio::awaitable<bool> Session::send_file(const FileSlice& slice) {
    return stream_.send_file(slice, [this] {
        enter(Phase::Writing, shared_.deadlines.write_idle);
    });
}

// Reads the rest of an unwanted body so that the next request can be seen.
asio::awaitable<bool> Session::discard_body(Turn& turn) {
    turn.parser.set_sink([](ByteView) { return true; });
    turn.parser.eager(true);
    while (!turn.parser.is_done()) {
        error_code ec;
        if (begin_ != end_) {
            begin_ += turn.parser.put(asio::buffer(buffer_.data() + begin_, end_ - begin_), ec);
            if (ec && ec != http::error::need_more) {
                co_return false;
            }
            if (!ec) {
                continue;
            }
        }
        enter(Phase::Body, shared_.deadlines.body_idle);
        if (!co_await read_more(4096)) {
            co_return false;
        }
    }
    co_return true;
}

// Closing with unread bytes would reset the connection and could destroy the answer on its way
// (RFC 9112 9.6): close the sending side, read a bounded amount, then leave.
asio::awaitable<void> Session::linger() {
    enter(Phase::Body, seconds{2});
    co_await stream_.end_sending();
    std::size_t discarded = 0;
    while (discarded < (std::size_t{16} << 20)) {
        begin_ = end_ = 0;
        if (!co_await read_more(1024)) {
            co_return;
        }
        discarded += end_;
    }
}

asio::awaitable<store::CommitStatus> Session::commit(store::WriteJob job) {
    auto start = [this, job = std::move(job)](auto handler) mutable {
        auto executor = stream_.socket().get_executor();
        auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
        job.done = [executor, shared_handler](store::CommitStatus status) {
            asio::post(executor, [shared_handler, status] { std::move (*shared_handler)(status); });
        };
        shared_.services.store.write(std::move(job));
    };
    co_return co_await asio::async_initiate<
        const asio::use_awaitable_t<>&,
        void(store::CommitStatus)>(std::move(start), asio::use_awaitable);
}

asio::awaitable<void> Session::compute(std::move_only_function<void(std::stop_token)> work) {
    auto start = [this, work = std::move(work)](auto handler) mutable {
        auto executor = stream_.socket().get_executor();
        auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
        auto shared_work = std::make_shared<decltype(work)>(std::move(work));
        asio::post(
            shared_.workshop,
            [executor, shared_handler, shared_work, stopping = shared_.stopping] {
                (*shared_work)(stopping);
                asio::post(executor, [shared_handler] { std::move (*shared_handler)(); });
            }
        );
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        std::move(start), asio::use_awaitable
    );
}

asio::awaitable<void>
Session::wait(std::move_only_function<void(std::move_only_function<void()>)> begin) {
    auto start = [this, begin = std::move(begin)](auto handler) mutable {
        auto executor = stream_.socket().get_executor();
        auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
        begin([executor, shared_handler] {
            asio::post(executor, [shared_handler] { std::move (*shared_handler)(); });
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        std::move(start), asio::use_awaitable
    );
}

asio::awaitable<std::optional<InvokeOutcome>>
Session::invoke(InvokeRequest request, milliseconds deadline) {
    // Whoever comes first, the function or the deadline, completes the wait; the other finds it
    // done.
    auto timer = std::make_shared<asio::steady_timer>(stream_.socket().get_executor());
    auto start = [this, timer, deadline, request = std::move(request)](auto handler) mutable {
        auto executor = stream_.socket().get_executor();
        auto finished = std::make_shared<std::atomic<bool>>(false);
        auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
        timer->expires_after(deadline);
        timer->async_wait([finished, shared_handler](error_code ec) {
            if (!ec && !finished->exchange(true)) {
                std::move (*shared_handler)(std::optional<InvokeOutcome>{});
            }
        });
        shared_.services.invoker.invoke(
            std::move(request),
            [executor, timer, finished, shared_handler](InvokeOutcome outcome) {
                if (finished->exchange(true)) {
                    return;
                }
                asio::post(
                    executor,
                    [timer, shared_handler, outcome = std::move(outcome)]() mutable {
                        timer->cancel();
                        std::move (*shared_handler)(std::optional<InvokeOutcome>(std::move(outcome))
                        );
                    }
                );
            }
        );
    };
    co_return co_await asio::async_initiate<
        const asio::use_awaitable_t<>&,
        void(std::optional<InvokeOutcome>)>(std::move(start), asio::use_awaitable);
}

} // namespace benchtop::net
