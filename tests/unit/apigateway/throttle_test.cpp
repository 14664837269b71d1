#include "emulator/apigateway/throttle.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::apigateway;

namespace {

const UtcInstant kStart = from_epoch_seconds(1'800'000'000);

struct Limited {
    Api api;
    Stage stage;
    Route route;
    Throttle throttle;

    Limited() {
        api.row.api_id = "a";
        stage.name = "prod";
        route.key = "POST /presign";
    }

    // How many of `count` requests at one moment are let through.
    int admitted(int count, UtcInstant now = kStart) {
        int admitted = 0;
        for (int i = 0; i < count; ++i) {
            admitted += throttle.admit(api, stage, route, now) ? 1 : 0;
        }
        return admitted;
    }
};

} // namespace

TEST_CASE("a route without limits is never throttled", "[apigateway][throttle]") {
    Limited limited;
    CHECK(limited.admitted(10'000) == 10'000);
}

TEST_CASE("a bucket of tokens fills at its rate, up to the burst", "[apigateway][throttle]") {
    Limited limited;
    limited.stage.default_settings.burst = 2;
    limited.stage.default_settings.rate = 1.0;
    CHECK(limited.admitted(3) == 2);
    CHECK(limited.admitted(2, kStart + milliseconds{999}) == 0);
    CHECK(limited.admitted(2, kStart + seconds{1}) == 1);
    CHECK(limited.admitted(9, kStart + seconds{600}) == 2);
    // A clock that goes back gives nothing away.
    CHECK(limited.admitted(9, kStart) == 0);
    CHECK(limited.admitted(9, kStart + seconds{601}) == 1);
}

TEST_CASE("where one limit is set the account's other one holds", "[apigateway][throttle]") {
    Limited burst;
    burst.stage.default_settings.burst = 3;
    CHECK(burst.admitted(9) == 3);
    CHECK(burst.admitted(9, kStart + milliseconds{1}) == 3); // 10000 a second
    Limited rate;
    rate.stage.default_settings.rate = 0.5;
    CHECK(rate.admitted(6000) == 5000);
    CHECK(rate.admitted(9, kStart + seconds{2}) == 1);
}

TEST_CASE("a limit of zero lets nobody through", "[apigateway][throttle]") {
    Limited limited;
    limited.stage.default_settings.burst = 0;
    CHECK(limited.admitted(1) == 0);
    limited.stage.default_settings.burst.reset();
    limited.stage.default_settings.rate = 0.0;
    CHECK(limited.admitted(1, kStart + seconds{9}) == 0);
}

TEST_CASE("a route's own limit goes before its stage's", "[apigateway][throttle]") {
    Limited limited;
    limited.stage.default_settings.burst = 2;
    limited.stage.default_settings.rate = 1.0;
    limited.stage.route_settings = {{"POST /presign", {}}};
    limited.stage.route_settings[0].second.burst = 1;
    CHECK(limited.admitted(3) == 1);
    limited.route.key = "GET /other";
    CHECK(limited.admitted(3) == 2);
}

TEST_CASE(
    "each stage and API has buckets of its own; a new limit begins full", "[apigateway][throttle]"
) {
    Limited limited;
    limited.stage.default_settings.burst = 1;
    limited.stage.default_settings.rate = 1.0;
    CHECK(limited.admitted(2) == 1);
    limited.stage.name = "dev";
    CHECK(limited.admitted(2) == 1);
    limited.api.row.api_id = "b";
    CHECK(limited.admitted(2) == 1);
    limited.stage.default_settings.burst = 2;
    CHECK(limited.admitted(3) == 2);
}
