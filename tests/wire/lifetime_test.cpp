// How connections end: deadlines of the edge, and the drain when the emulator stops.
#include "tests/catch.hpp"
#include "tests/wire/wire.hpp"

#include <future>
#include <vector>

using namespace benchtop;
using namespace benchtop::wire;

namespace {

const std::string kHealth = "GET /_benchtop/health HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string put_head(const std::string& key, const std::string& extra) {
    return signed_head("PUT", kBucketPath + "/" + key, extra);
}

} // namespace

TEST_CASE("who goes quiet is let go: S3 says why in the middle of a body", "[wire][http]") {
    net::Deadlines short_ones;
    short_ones.head = short_ones.body_idle = short_ones.idle = seconds{1};
    const auto application = open_emulator(short_ones);
    application->start();
    Wire idle(application->port());
    idle.send(kHealth);
    CHECK(idle.receive().status() == 200);
    Wire head(application->port());
    head.send("GET / HTTP/1.1\r\nHo");
    Wire body(application->port());
    body.send(put_head("wire/stalled", "Content-Length: 10\r\n") + "hello");
    const Answer answer = body.receive();
    CHECK(answer.status() == 400);
    CHECK(answer.code() == "RequestTimeout");
    CHECK(answer.header("Connection") == "close");
    CHECK(body.closed());
    CHECK(head.closed());
    CHECK(idle.closed());
    CHECK_FALSE(stored("wire/stalled", *application));
    application->stop();
}

TEST_CASE("a stop closes idle connections and finishes what is under way", "[wire][http]") {
    const auto application = open_emulator();
    application->start();
    // Connections go to the network threads in turn: each thread has an idle one.
    std::vector<std::unique_ptr<Wire>> idle;
    for (unsigned i = 0; i < net::ServerOptions{}.threads; ++i) {
        idle.push_back(std::make_unique<Wire>(application->port()));
        idle.back()->send(kHealth);
        CHECK(idle.back()->receive().status() == 200);
    }
    Wire busy(application->port());
    busy.send(put_head("wire/drained", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
    CHECK(busy.receive().status() == 100); // under way: the head was accepted
    Wire api(application->api_port());
    api.send(kHealth);
    CHECK(api.receive().status() == 404);

    auto stopped = std::async(std::launch::async, [&] { application->stop(); });
    for (const auto& wire : idle) {
        CHECK(wire->closed()); // the drain has begun on its thread
    }
    CHECK(api.closed());
    busy.send("hello");
    const Answer answer = busy.receive();
    CHECK(answer.status() == 200);
    CHECK(answer.header("Connection") == "close");
    CHECK(busy.closed());
    stopped.get();
}
