// The Runtime API loop and its HTTP client against a server in this process, on a port the system
// picks; the loop both in-process and as the static program that ships.
#include "handlers/hosts/http_client.hpp"
#include "handlers/hosts/runtime_api.hpp"
#include "handlers/web_presign/web_presign.hpp"
#include "handlers/worker_move/worker_move.hpp"
#include "tests/catch.hpp"
#include "tests/unit/handlers/fake_world.hpp"

#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace handlers;
using handlers::test::s3_event;
using handlers::test::World;

namespace {

struct Seen {
    std::string line; // "GET /path HTTP/1.1"
    std::string head;
    std::string body;
};

// Accepts connections until it is destroyed; `answer` returns the raw bytes to send, or nothing to
// close.
class Server {
public:
    using Answer = std::function<std::string(const Seen&)>;

    explicit Server(Answer answer)
        : answer_(std::move(answer)) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener_, 16) == 0);
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }

    ~Server() {
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int fd : open_) {
                shutdown(fd, SHUT_RDWR);
            }
        }
        for (auto& thread : threads_) {
            thread.join();
        }
        close(listener_);
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

    std::vector<Seen> seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    std::size_t connections() {
        const std::lock_guard lock(mutex_);
        return threads_.size();
    }

private:
    void accept_all() {
        for (;;) {
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) {
                return;
            }
            const std::lock_guard lock(mutex_);
            open_.push_back(fd);
            threads_.emplace_back([this, fd] {
                serve(fd);
                const std::lock_guard done(mutex_);
                std::erase(open_, fd);
                close(fd);
            });
        }
    }

    void serve(int fd) {
        std::string buffer;
        for (;;) {
            std::size_t end = 0;
            while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
                if (!receive(fd, buffer)) {
                    return;
                }
            }
            Seen seen;
            seen.head = buffer.substr(0, end + 2);
            seen.line = seen.head.substr(0, seen.head.find("\r\n"));
            buffer.erase(0, end + 4);
            std::size_t length = 0;
            if (const auto at = seen.head.find("Content-Length: "); at != std::string::npos) {
                length = std::stoul(seen.head.substr(at + 16));
            }
            while (buffer.size() < length) {
                if (!receive(fd, buffer)) {
                    return;
                }
            }
            seen.body = buffer.substr(0, length);
            buffer.erase(0, length);
            std::string reply;
            {
                const std::lock_guard lock(mutex_);
                seen_.push_back(seen);
                reply = answer_(seen);
            }
            if (reply.empty()) {
                return;
            }
            send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
            if (reply.find("Connection: close") != std::string::npos) {
                return;
            }
        }
    }

    static bool receive(int fd, std::string& buffer) {
        std::array<char, 4096> part{};
        const ssize_t got = recv(fd, part.data(), part.size(), 0);
        buffer.append(part.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        return got > 0;
    }

    Answer answer_;
    int listener_ = -1;
    unsigned port_ = 0;
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<Seen> seen_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

std::string reply(int status, const std::string& body, const std::string& headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A Runtime API that hands out the events, then answers 500 so that the loop ends; anything else is
// an S3 that agrees.
Server::Answer runtime_api(std::vector<std::string> events) {
    auto left = std::make_shared<std::deque<std::string>>(events.begin(), events.end());
    auto count = std::make_shared<int>(0);
    return [left, count](const Seen& seen) {
        if (seen.line == "GET /2018-06-01/runtime/invocation/next HTTP/1.1") {
            if (left->empty()) {
                return reply(500, "");
            }
            const std::string event = left->front();
            left->pop_front();
            return reply(
                200,
                event,
                "Content-Type: application/json\r\nlambda-runtime-aws-request-id: id-" +
                    std::to_string(++*count) +
                    "\r\nLambda-Runtime-Deadline-Ms: 32503680000000\r\nLambda-Runtime-Trace-Id: "
                    "Root=1-a-b\r\n"
            );
        }
        if (seen.line.starts_with("POST /2018-06-01/runtime/")) {
            return reply(202, "{\"status\":\"OK\"}\n");
        }
        return reply(200, "<CopyObjectResult/>");
    };
}

int serve(World& world, const aws::Handler& handler, Server& server) {
    hosts::HttpClient client;
    return hosts::serve_runtime_api(handler, server.authority(), client, world.services());
}

std::vector<std::string> lines(Server& server) {
    std::vector<std::string> out;
    for (const auto& seen : server.seen()) {
        out.push_back(seen.line.substr(0, seen.line.rfind(' ')));
    }
    return out;
}

const std::string base = "/2018-06-01/runtime/";

aws::HttpResponse
get(hosts::HttpClient& client, const Server& server, std::int64_t timeout_ms = 5000) {
    return client.send({"GET", "http://" + server.authority() + "/x", {}, "", timeout_ms});
}

} // namespace

TEST_CASE("events are fetched, answered, and errors posted as errors", "[handlers][runtime]") {
    World world;
    world.s3.keys = {"lab-bucket/uploads/a"};
    Server server(runtime_api({s3_event({"uploads/a"}), "{}"}));
    CHECK(serve(world, worker_move::handler, server) == 1);
    CHECK(
        lines(server) ==
        std::vector<std::string>{
            "GET " + base + "invocation/next",
            "POST " + base + "invocation/id-1/response",
            "GET " + base + "invocation/next",
            "POST " + base + "invocation/id-2/error",
            "GET " + base + "invocation/next",
            "GET " + base + "invocation/next",
            "GET " + base + "invocation/next"}
    );
    const auto seen = server.seen();
    CHECK(seen.at(1).body == "{\"status\": \"ok\"}");
    CHECK(
        seen.at(3).body == R"({"errorMessage":"'Records'","errorType":"KeyError","stackTrace":[]})"
    );
    CHECK(
        seen.at(3).head.find("Lambda-Runtime-Function-Error-Type: KeyError\r\n") !=
        std::string::npos
    );
    CHECK(std::string(std::getenv("_X_AMZN_TRACE_ID")) == "Root=1-a-b");
    CHECK(server.connections() == 1);
    CHECK(world.log.text.ends_with("three times in a row\n"));
}

TEST_CASE("an init error is reported and ends the loop", "[handlers][runtime]") {
    World world;
    world.environment.variables["EXPIRES_IN"] = "never";
    Server server(runtime_api({"{}"}));
    CHECK(serve(world, web_presign::handler, server) == 1);
    CHECK(lines(server) == std::vector<std::string>{"POST " + base + "init/error"});
}

TEST_CASE(
    "an answer that is not taken ends the loop, one that is too large does not",
    "[handlers][runtime]"
) {
    const int status = GENERATE(403, 413);
    World world;
    auto api = runtime_api({"{}", "{}"});
    Server server([&](const Seen& seen) {
        return seen.line.starts_with("POST") ? reply(status, "{}") : api(seen);
    });
    CHECK(serve(world, web_presign::handler, server) == 1);
    CHECK(server.seen().size() == (status == 403 ? 2 : 7));
}

TEST_CASE("an event without a proper request id counts as a failure", "[handlers][runtime]") {
    World world;
    Server server([](const Seen&) {
        return reply(200, "{}", "Lambda-Runtime-Aws-Request-Id: ../x\r\n");
    });
    CHECK(serve(world, web_presign::handler, server) == 1);
    CHECK(server.seen().size() == 3);
}

TEST_CASE("the client reads bodies by length, by chunks and to the end", "[handlers][http]") {
    const std::string raw = GENERATE(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: "
        "v\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"
    );
    Server server([&](const Seen&) { return raw; });
    hosts::HttpClient client;
    for (int i = 0; i < 2; ++i) {
        const auto response = get(client, server);
        CHECK(response.status == 200);
        CHECK(response.body == "hello");
    }
    CHECK(server.connections() == (raw.find("close") != std::string::npos ? 2 : 1));
}

TEST_CASE("a connection closed while idle is replaced, once", "[handlers][http]") {
    int answered = 0;
    Server server([&](const Seen&) { return ++answered % 2 == 1 ? reply(200, "") : std::string(); }
    );
    hosts::HttpClient client;
    CHECK(get(client, server).status == 200);
    CHECK(get(client, server).status == 200); // its first try met the close
    CHECK(server.connections() == 2);
}

TEST_CASE("broken, endless and absent answers are values", "[handlers][http]") {
    const std::string raw = GENERATE(
        std::string("SSH-2.0\r\n\r\nConnection: close"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nshort"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n"),
        std::string(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n"
        ),
        std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nX: ") + std::string(70'000, 'a') +
            "\r\n\r\n",
        std::string()
    );
    Server server([&](const Seen&) { return raw; });
    hosts::HttpClient client;
    const auto response = get(client, server);
    CHECK(response.error == aws::TransportError::Unreachable);
}

TEST_CASE("a silent server costs the timeout and no more", "[handlers][http]") {
    Server server([](const Seen&) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    });
    hosts::HttpClient client;
    CHECK(get(client, server, 30).error == aws::TransportError::TimedOut);
    CHECK(client.send({"GET", "ftp://x/", {}, "", 30}).error == aws::TransportError::Unreachable);
    CHECK(
        client.send({"GET", "http://host:99999/", {}, "", 30}).error ==
        aws::TransportError::Unreachable
    );
}

#ifdef WEB_PRESIGN_BOOTSTRAP
namespace {

// Runs the program with this environment alone; its exit status and what it wrote to stdout.
std::pair<int, std::string> run_program(const char* path, std::vector<std::string> variables) {
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe2(pipe_ends.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::vector<char*> environment;
    for (auto& variable : variables) {
        environment.push_back(variable.data());
    }
    environment.push_back(nullptr);
    std::string name = path;
    std::array<char*, 2> arguments{name.data(), nullptr};
    pid_t pid = 0;
    REQUIRE(posix_spawn(&pid, path, &actions, nullptr, arguments.data(), environment.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    std::string out;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = read(pipe_ends[0], part.data(), part.size())) > 0;) {
        out.append(part.data(), static_cast<std::size_t>(got));
    }
    close(pipe_ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

} // namespace

TEST_CASE("the web handler's bootstrap serves Lambda", "[handlers][bootstrap]") {
    Server server(runtime_api({"{}"}));
    const auto [status, out] = run_program(
        WEB_PRESIGN_BOOTSTRAP,
        {"AWS_LAMBDA_RUNTIME_API=" + server.authority(),
         "AWS_REGION=us-east-2",
         "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
         "AWS_SECRET_ACCESS_KEY=secret",
         "AWS_SESSION_TOKEN=token",
         "BUCKET_NAME=lab-bucket"}
    );
    CHECK(status == 1);
    const auto seen = server.seen();
    REQUIRE(seen.size() == 5);
    CHECK(seen[1].line == "POST " + base + "invocation/id-1/response HTTP/1.1");
    CHECK(
        seen[1].body.find("https://lab-bucket.s3.us-east-2.amazonaws.com/uploads/upload-") !=
        std::string::npos
    );
    CHECK(out == "[ERROR] the Runtime API gave no event three times in a row\n");
}

TEST_CASE("the worker's bootstrap moves an object through S3", "[handlers][bootstrap]") {
    Server server(runtime_api({s3_event({"uploads/a+b"})}));
    const auto [status, out] = run_program(
        WORKER_MOVE_BOOTSTRAP,
        {"AWS_LAMBDA_RUNTIME_API=" + server.authority(),
         "AWS_REGION=us-east-2",
         "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
         "AWS_SECRET_ACCESS_KEY=secret",
         "AWS_SESSION_TOKEN=token",
         "AWS_ENDPOINT_URL_S3=http://localhost:" + server.authority().substr(10)}
    );
    CHECK(status == 1);
    const auto seen = lines(server);
    REQUIRE(seen.size() == 7);
    CHECK(seen[1] == "PUT /lab-bucket/processed/a%20b");
    CHECK(seen[2] == "DELETE /lab-bucket/uploads/a%20b");
    CHECK(seen[3] == "POST " + base + "invocation/id-1/response");
    CHECK(
        out.starts_with("Moving: uploads/a b -> processed/a b\nMoved successfully: processed/a b\n")
    );
}

TEST_CASE("a bootstrap outside Lambda says so", "[handlers][bootstrap]") {
    CHECK(run_program(WORKER_MOVE_BOOTSTRAP, {}).first == 1);
}
#endif
