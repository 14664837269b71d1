// The C ABI from the host's side: the real shared objects by dlopen, and a handler that throws.
#include "handlers/hosts/plugin_host_entry.hpp"
#include "handlers/hosts/plugins.hpp"
#include "tests/catch.hpp"
#include "tests/unit/handlers/fake_world.hpp"

#include <dlfcn.h>
#include <stdexcept>
#include <thread>

using namespace handlers;
using handlers::test::s3_event;
using handlers::test::World;

namespace {

// A host made of a World, as the emulator makes one of its own ports.
class Host {
public:
    Host() {
        host_.abi_version = BENCHTOP_PLUGIN_ABI_VERSION;
        host_.struct_size = sizeof host_;
        host_.self = this;
        host_.log = [](void* self, const char* text, size_t size) {
            of(self).world.log.text.append(text, size);
        };
        host_.now_ms = [](void* self) -> int64_t { return of(self).world.clock.now; };
        host_.remaining_ms = [](void*) -> int64_t { return 1234; };
        host_.random = [](void* self, void* buffer, size_t size) {
            of(self).world.random.fill({static_cast<unsigned char*>(buffer), size});
        };
        host_.http_send =
            [](void* self, const benchtop_http_request* request, benchtop_http_response* response) {
                of(self).send(*request, *response);
            };
        host_.getenv = [](void* self, const char* name) -> const char* {
            const auto& variables = of(self).world.environment.variables;
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        };
    }

    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // The result as text, freed: "ok ..." or "error TYPE ...".
    std::string run(const benchtop_plugin& plugin, const std::string& event) {
        benchtop_invocation invocation{};
        invocation.struct_size = sizeof invocation;
        invocation.event = {event.data(), event.size()};
        benchtop_result result{};
        result.struct_size = sizeof result;
        plugin.handle(&host_, &invocation, &result);
        return take(result);
    }

    std::string init(const benchtop_plugin& plugin) {
        benchtop_result result{};
        result.struct_size = sizeof result;
        plugin.init(&host_, &result);
        return take(result);
    }

    World world;
    benchtop_host host_{};
    int released = 0;

private:
    static Host& of(void* self) { return *static_cast<Host*>(self); }

    static std::string take(benchtop_result& result) {
        std::string out =
            result.is_error != 0
                ? "error " + std::string(result.error_type.data, result.error_type.size) + ' '
                : "ok ";
        out += result.payload.size == 0 ? std::string()
                                        : std::string(result.payload.data, result.payload.size);
        if (result.release != nullptr) {
            result.release(&result);
        }
        return out;
    }

    void send(const benchtop_http_request& request, benchtop_http_response& response) {
        aws::HttpRequest in{
            std::string(request.method.data, request.method.size),
            std::string(request.url.data, request.url.size),
            {},
            "",
            request.timeout_ms};
        for (size_t i = 0; i < request.header_count; ++i) {
            const auto& [name, value] = request.headers[i];
            in.headers.emplace_back(
                std::string(name.data, name.size), std::string(value.data, value.size)
            );
        }
        last_ = world.s3.send(in);
        response.status = last_.status;
        response.timed_out = last_.error == aws::TransportError::TimedOut ? 1 : 0;
        response.body = {last_.body.data(), last_.body.size()};
        response.owner = this;
        response.release = [](benchtop_http_response* done) {
            ++static_cast<Host*>(done->owner)->released;
        };
    }

    aws::HttpResponse last_;
};

class Library {
public:
    explicit Library(const char* path)
        : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {}

    ~Library() { dlclose(handle_); }

    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    const benchtop_plugin& plugin() const {
        return *reinterpret_cast<benchtop_plugin_entry>(dlsym(handle_, BENCHTOP_PLUGIN_SYMBOL))();
    }

    bool loaded() const { return handle_ != nullptr; }

private:
    void* handle_;
};

aws::Outcome<void> throw_in_init(aws::Context&) {
    throw 7;
}

aws::Outcome<std::string> throw_in_handle(std::string_view event, aws::Context&) {
    if (event == "int") {
        throw 7;
    }
    throw std::runtime_error("no \"such\" thing");
}

constexpr aws::Handler throwing{"throwing", throw_in_init, throw_in_handle};

} // namespace

TEST_CASE("the shared objects answer through the C ABI", "[handlers][plugin]") {
    Host host;
    const Library web(WEB_PRESIGN_PLUGIN);
    const Library worker(WORKER_MOVE_PLUGIN);
    REQUIRE(web.loaded());
    REQUIRE(worker.loaded());
    CHECK(web.plugin().abi_version == BENCHTOP_PLUGIN_ABI_VERSION);
    CHECK(web.plugin().struct_size == sizeof(benchtop_plugin));
    CHECK(std::string(web.plugin().name) == "web_presign");
    CHECK(std::string(worker.plugin().name) == "worker_move");

    CHECK(host.init(web.plugin()) == "ok ");
    CHECK(host.run(web.plugin(), "{}")
              .starts_with(
                  "ok {\"statusCode\": 200, \"headers\": {\"Content-Type\": \"application/json\", "
              ));

    host.world.s3.keys = {"lab-bucket/uploads/a b"};
    CHECK(host.init(worker.plugin()) == "ok ");
    CHECK(host.run(worker.plugin(), s3_event({"uploads/a+b"})) == "ok {\"status\": \"ok\"}");
    CHECK(host.world.s3.keys.contains("lab-bucket/processed/a b"));
    CHECK(host.released == 2);
    CHECK(host.world.s3.requests.at(0).timeout_ms == 1234);
}

TEST_CASE("a plugin linked in is the same as the one loaded", "[handlers][plugin]") {
    Host host;
    const Library web(WEB_PRESIGN_PLUGIN);
    CHECK(host.run(*benchtop_plugin_web_presign(), "{}") == host.run(web.plugin(), "{}"));
    CHECK(std::string(benchtop_plugin_worker_move()->name) == "worker_move");
}

TEST_CASE("a shared object exports its entry and nothing else of ours", "[handlers][plugin]") {
    void* library = dlopen(WORKER_MOVE_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library != nullptr);
    CHECK(dlsym(library, "benchtop_plugin_v1") != nullptr);
    CHECK(dlsym(library, "benchtop_plugin_worker_move") == nullptr);
    CHECK(dlsym(library, "_ZNK8handlers3aws5Error10to_payloadEv") == nullptr);
    dlclose(library);
}

TEST_CASE("a handler's failure is a payload and a log line", "[handlers][plugin]") {
    Host host;
    const Library web(WEB_PRESIGN_PLUGIN);
    const Library worker(WORKER_MOVE_PLUGIN);
    CHECK(
        host.run(worker.plugin(), "{}") ==
        R"(error KeyError {"errorMessage":"'Records'","errorType":"KeyError","stackTrace":[]})"
    );
    CHECK(host.world.log.text == "[ERROR] KeyError: 'Records'\n");
    CHECK(host.run(worker.plugin(), "").starts_with("error Runtime.UnmarshalError "));
    CHECK(host.run(worker.plugin(), std::string(1'000'000, '['))
              .starts_with("error Runtime.UnmarshalError "));
    CHECK(
        host.run(worker.plugin(), std::string(7'000'000, ' ')) ==
        R"(error Runtime.UnmarshalError {"errorMessage":"Unable to unmarshal input: event too large","errorType":"Runtime.UnmarshalError","stackTrace":[]})"
    );
    host.world.environment.variables["EXPIRES_IN"] = "soon";
    CHECK(host.init(web.plugin()).starts_with("error ValueError "));
}

TEST_CASE("no exception crosses the seam", "[handlers][plugin]") {
    Host host;
    const benchtop_plugin& plugin = *hosts::plugin_of<throwing>();
    CHECK(
        host.run(plugin, "text") ==
        R"(error Runtime.UnhandledException {"errorMessage":"no \"such\" thing","errorType":"Runtime.UnhandledException","stackTrace":[]})"
    );
    CHECK(host.run(plugin, "int").starts_with("error Runtime.UnhandledException "));
    CHECK(host.init(plugin).starts_with("error Runtime.UnhandledException "));
}

TEST_CASE("a host of another version is answered, not used", "[handlers][plugin]") {
    Host host;
    const benchtop_plugin& plugin = *benchtop_plugin_worker_move();
    SECTION("another ABI") {
        host.host_.abi_version = 2;
    }
    SECTION("a shorter struct") {
        host.host_.struct_size = offsetof(benchtop_host, getenv);
    }
    CHECK(host.run(plugin, "{}").starts_with("error Runtime.PluginAbiMismatch "));
    CHECK(host.world.log.text.empty());
}

TEST_CASE("one plugin serves several threads at once", "[handlers][plugin]") {
    const Library worker(WORKER_MOVE_PLUGIN);
    std::vector<std::string> results(4);
    std::vector<std::thread> threads;
    for (auto& result : results) {
        threads.emplace_back([&] {
            Host host;
            for (int i = 0; i < 50; ++i) {
                const std::string name = std::to_string(i);
                host.world.s3.keys = {"lab-bucket/uploads/" + name};
                result = host.run(worker.plugin(), s3_event({"uploads/" + name}));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& result : results) {
        CHECK(result == "ok {\"status\": \"ok\"}");
    }
}
