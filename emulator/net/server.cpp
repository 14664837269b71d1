#include "emulator/net/server.hpp"

#include "emulator/net/session.hpp"
#include "emulator/net/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <future>
#include <stop_token>
#include <thread>
#include <vector>

namespace benchtop::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr milliseconds kUnwindGrace{500};   // for closed connections to notice
constexpr std::size_t kWorkshopThreads = 2; // more would only compete for the disk
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// One thread, one io_context, its connections. Everything in it is touched on its own thread only.
struct Worker {
    Worker(
        pipeline::Services& services,
        asio::thread_pool& workshop,
        std::stop_token stopping,
        const Deadlines& deadlines,
        TlsServer* tls
    )
        : shared{services, workshop, std::move(stopping), deadlines, tls, {}, false, {}}
        , watchdog(context) {
        shared.now = std::chrono::steady_clock::now();
    }

    // Refreshes the coarse time and breaks off connections that have waited too long.
    void tick() {
        shared.now = std::chrono::steady_clock::now();
        for (auto it = shared.sessions.begin(); it != shared.sessions.end();) {
            Session* const session = *it++;
            session->check_deadline();
        }
        watchdog.expires_after(milliseconds{500});
        watchdog.async_wait([this](error_code ec) {
            if (!ec) {
                tick();
            }
        });
    }

    // First, because connections that never ended are destroyed with the context and sign off here.
    SessionShared shared;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    asio::steady_timer watchdog;
    std::thread thread;
};

class ServerImpl final : public Server {
public:
    ServerImpl(
        pipeline::Services& services, const ServerOptions& options, std::unique_ptr<TlsServer> tls
    )
        : services_(services)
        , options_(options)
        , tls_(std::move(tls)) {
        for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
            workers_.push_back(std::make_unique<Worker>(
                services, workshop_, stopping_.get_token(), options_.deadlines, tls_.get()
            ));
        }
    }

    ~ServerImpl() override { drain(milliseconds{0}); }

    Result<void> listen(std::uint16_t port, Listener listener) {
        error_code ec;
        const auto address = asio::ip::make_address(options_.address, ec);
        if (ec) {
            return AwsError(500, "BadAddress", "'" + options_.address + "' is not an IP address.");
        }
        auto acceptor = std::make_unique<tcp::acceptor>(workers_.front()->context);
        const tcp::endpoint endpoint(address, port);
        acceptor->open(endpoint.protocol(), ec);
        if (!ec) {
            acceptor->set_option(tcp::acceptor::reuse_address(true), ec);
            acceptor->bind(endpoint, ec);
        }
        if (!ec) {
            acceptor->listen(1024, ec);
        }
        if (ec == asio::error::address_in_use) {
            return AwsError(
                500,
                "PortTaken",
                "Port " + std::to_string(port) + " on " + options_.address +
                    " is taken by another program; choose another one (--port N, --api-port N; 0 "
                    "takes any free port)."
            );
        }
        if (ec) {
            return AwsError(
                500,
                "CannotListen",
                "Cannot listen on " + options_.address + ":" + std::to_string(port) + ": " +
                    ec.message() + "."
            );
        }
        acceptors_.push_back({std::move(acceptor), listener});
        return {};
    }

    std::uint16_t port() const override { return port_of(Listener::Main); }

    std::uint16_t api_port() const override { return port_of(Listener::HttpApi); }

    std::filesystem::path ca_file() const override {
        return tls_ ? tls_->ca().file() : std::filesystem::path{};
    }

    void start() override {
        for (auto& entry : acceptors_) {
            asio::co_spawn(
                workers_.front()->context,
                accept_loop(*entry.acceptor, entry.listener),
                asio::detached
            );
        }
        for (auto& worker : workers_) {
            asio::post(worker->context, [w = worker.get()] { w->tick(); });
            worker->thread = std::thread([w = worker.get()] { w->context.run(); });
        }
        started_ = true;
    }

    void drain(milliseconds grace) override {
        if (!started_) {
            return;
        }
        started_ = false;
        on_each([this](Worker& worker) {
            if (&worker == workers_.front().get()) {
                for (auto& entry : acceptors_) {
                    error_code ec;
                    entry.acceptor->close(ec);
                }
            }
            worker.shared.draining = true;
            for (Session* session : worker.shared.sessions) {
                if (session->idle()) {
                    session->close();
                }
            }
        });
        wait_for_connections(grace);
        on_each([](Worker& worker) {
            for (Session* session : worker.shared.sessions) {
                session->close();
            }
            worker.watchdog.cancel();
        });
        wait_for_connections(kUnwindGrace);
        for (auto& worker : workers_) {
            worker->guard.reset();
            worker->context.stop();
            if (worker->thread.joinable()) {
                worker->thread.join();
            }
        }
        // Work that still runs ends now, while the contexts it would report to are there.
        stopping_.request_stop();
        workshop_.stop();
        workshop_.join();
    }

private:
    struct Entry {
        std::unique_ptr<tcp::acceptor> acceptor;
        Listener listener;
    };

    std::uint16_t port_of(Listener listener) const {
        for (const auto& entry : acceptors_) {
            if (entry.listener == listener) {
                error_code ec;
                return entry.acceptor->local_endpoint(ec).port();
            }
        }
        return 0;
    }

    void wait_for_connections(milliseconds grace) const {
        const auto until = std::chrono::steady_clock::now() + grace;
        while (connections_.load() > 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(milliseconds{2});
        }
    }

    // Runs `task` on every worker's thread and waits for it.
    template <class Task>
    void on_each(Task task) {
        for (auto& worker : workers_) {
            std::promise<void> done;
            asio::post(worker->context, [&] {
                task(*worker);
                done.set_value();
            });
            done.get_future().wait();
        }
    }

    static asio::awaitable<void> serve(tcp::socket socket, Listener listener, Worker& worker) {
        Session session(std::move(socket), listener, worker.shared);
        co_await session.run();
    }

    asio::awaitable<void> accept_loop(tcp::acceptor& acceptor, Listener listener) {
        std::size_t turn = 0;
        while (acceptor.is_open()) {
            Worker& worker = *workers_[turn++ % workers_.size()];
            auto [ec, socket] = co_await acceptor.async_accept(worker.context, kAwait);
            if (ec == asio::error::operation_aborted || !acceptor.is_open()) {
                co_return;
            }
            if (ec) {
                // Out of descriptors or the like: wait a little instead of spinning or dying.
                asio::steady_timer pause(acceptor.get_executor(), milliseconds{100});
                co_await pause.async_wait(kAwait);
                continue;
            }
            if (connections_.load() >= options_.connections_max) {
                socket.close(ec);
                continue;
            }
            ++connections_;
            auto ended = [this](std::exception_ptr) { --connections_; };
            asio::co_spawn(
                worker.context, serve(std::move(socket), listener, worker), std::move(ended)
            );
        }
    }

    pipeline::Services& services_;
    ServerOptions options_;
    std::unique_ptr<TlsServer> tls_; // outlives the connections
    std::stop_source stopping_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Entry> acceptors_;
    // Destroyed before the workers: connections that wait for it end with it.
    asio::thread_pool workshop_{kWorkshopThreads};
    std::atomic<std::size_t> connections_{0};
    bool started_ = false;
};

} // namespace

std::filesystem::path ca_file_in(const std::filesystem::path& data) {
    return data / "ca" / LabCa::kFileName;
}

Result<std::unique_ptr<Server>>
Server::open(pipeline::Services& services, const ServerOptions& options) {
    std::unique_ptr<TlsServer> tls;
    if (!options.data.empty()) {
        auto ca = LabCa::open(ca_file_in(options.data).parent_path(), services.clock);
        if (!ca) {
            return ca.error();
        }
        tls = std::make_unique<TlsServer>(*std::move(ca), services.clock);
    }
    auto server = std::make_unique<ServerImpl>(services, options, std::move(tls));
    if (auto main = server->listen(options.port, Listener::Main); !main) {
        return main.error();
    }
    if (options.serve_api_port) {
        if (auto api = server->listen(options.api_port, Listener::HttpApi); !api) {
            return api.error();
        }
    }
    return std::unique_ptr<Server>(std::move(server));
}

} // namespace benchtop::net
