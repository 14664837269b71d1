// One connection: reads requests, drives an Exchange for each, writes the answers in order
// (pipelining).
#pragma once

#include "emulator/net/proxy.hpp"
#include "emulator/net/server.hpp"
#include "emulator/net/stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <stop_token>

namespace benchtop::net {

using CoarseTime = std::chrono::steady_clock::time_point;

// What a connection shares with the others of its thread. Used on that thread only.
struct SessionShared {
    pipeline::Services& services;
    boost::asio::thread_pool& workshop; // for pipeline::Compute
    std::stop_token stopping;           // of the work in there
    const Deadlines& deadlines;
    TlsServer* tls;   // null: no TLS, and no tunnel to AWS's names
    CoarseTime now{}; // refreshed every watchdog tick: exact enough for deadlines of seconds
    bool draining = false;
    std::list<class Session*> sessions;
};

class Session {
public:
    Session(boost::asio::ip::tcp::socket socket, Listener listener, SessionShared& shared);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Runs until the connection ends. Never throws.
    boost::asio::awaitable<void> run();
    // Called by the thread's watchdog: breaks off what has waited too long.
    void check_deadline();

    // Between two requests: may be closed at once when draining.
    bool idle() const { return phase_ == Phase::Idle; }

    void close();

private:
    enum class Phase { Idle, Head, Body, Working, Writing };
    enum class Next { KeepAlive, Close };
    struct Turn; // one request

    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<bool> start_tls();
    boost::asio::awaitable<Next> open_tunnel(Turn& turn);
    boost::asio::awaitable<Next> refuse_to_forward(Turn& turn, std::string_view authority);
    boost::asio::awaitable<bool> read_more(std::size_t at_least);
    boost::asio::awaitable<Next> drive(Turn& turn);
    boost::asio::awaitable<bool> read_body(Turn& turn, std::uint64_t limit);
    boost::asio::awaitable<Next> respond(Turn& turn, Response response);
    boost::asio::awaitable<bool> write_all(std::string_view bytes);
    boost::asio::awaitable<bool> send_stored(const BodyContent& content);
    boost::asio::awaitable<bool> send_file(const FileSlice& slice);
    boost::asio::awaitable<bool> discard_body(Turn& turn);
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<store::CommitStatus> commit(store::WriteJob job);
    boost::asio::awaitable<void> compute(std::move_only_function<void(std::stop_token)> work);
    boost::asio::awaitable<void>
    wait(std::move_only_function<void(std::move_only_function<void()>)> begin);
    boost::asio::awaitable<std::optional<InvokeOutcome>>
    invoke(InvokeRequest request, milliseconds deadline);
    void enter(Phase phase, seconds limit);
    std::string own_address(); // where the client found us

    Stream stream_;
    Listener listener_;
    SessionShared& shared_;
    std::string source_ip_;
    Greeting greeting_ = Greeting::Either;
    std::string tunnel_host_; // what the client asked the proxy for, "" outside a tunnel
    std::string buffer_;      // unread bytes are [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Phase phase_ = Phase::Idle;
    CoarseTime deadline_{};
    bool timed_out_ = false;
    std::list<Session*>::iterator self_;
};

} // namespace benchtop::net
