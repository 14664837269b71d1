#include "emulator/apigateway/routing.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apigateway/lab_api.hpp"

using namespace benchtop::apigateway;

namespace {

std::string matched(const ApiModel& model, std::string_view method, std::string_view path) {
    const Routing routing = route(model, method, path);
    return routing.match ? routing.match->route->key : "";
}

struct Missed {
    Miss miss;
    std::string suggestion;
    bool operator==(const Missed&) const = default;
};

Missed missed(const ApiModel& model, std::string_view method, std::string_view path) {
    const Routing routing = route(model, method, path);
    REQUIRE_FALSE(routing.match);
    return {routing.miss, routing.suggestion};
}

} // namespace

TEST_CASE("the lab's one route answers POST /prod/presign", "[apigateway][routing]") {
    const ApiModel lab = lab_model();
    const Routing routing = route(lab, "POST", "/prod/presign");
    REQUIRE(routing.match);
    CHECK(routing.match->stage->name == "prod");
    CHECK(routing.match->route->id == "1122334");
    REQUIRE(routing.match->integration != nullptr);
    CHECK(routing.match->integration->id == "0abcdef");
    CHECK(routing.match->path_parameters.empty());
}

TEST_CASE(
    "every other request of the lab misses, each for its own reason", "[apigateway][routing]"
) {
    const ApiModel lab = lab_model();
    const std::string right = "POST /prod/presign";
    CHECK(missed(lab, "GET", "/prod/presign") == Missed{Miss::MethodMismatch, right});
    CHECK(missed(lab, "HEAD", "/prod/presign") == Missed{Miss::MethodMismatch, right});
    CHECK(missed(lab, "OPTIONS", "/prod/presign") == Missed{Miss::MethodMismatch, right});
    CHECK(missed(lab, "POST", "/prod") == Missed{Miss::StageRoot, right});
    CHECK(missed(lab, "POST", "/prod/") == Missed{Miss::StageRoot, right});
    CHECK(missed(lab, "GET", "/prod") == Missed{Miss::StageRoot, right});
    CHECK(missed(lab, "POST", "/presign") == Missed{Miss::NoStage, right});
    CHECK(missed(lab, "POST", "/dev/presign") == Missed{Miss::NoStage, right});
    CHECK(missed(lab, "POST", "/") == Missed{Miss::NoStage, right});
    CHECK(missed(lab, "POST", "/prod/presign/") == Missed{Miss::TrailingSlash, right});
    CHECK(missed(lab, "POST", "/prod/Presign") == Missed{Miss::LetterCase, right});
    CHECK(missed(lab, "POST", "/prod/presign/x") == Missed{Miss::NoRoute, right});
    CHECK(missed(lab, "POST", "/prod//presign") == Missed{Miss::NoRoute, right});
    CHECK(missed(lab, "POST", "/%24default/presign").miss == Miss::NoStage);
    CHECK(missed(lab, "POST", "/$default/presign").miss == Miss::NoStage);
}

TEST_CASE("the more specific route wins", "[apigateway][routing]") {
    const ApiModel pets = model_with_routes(
        {"$default",
         "ANY /{proxy+}",
         "GET /pets/{proxy+}",
         "GET /pets/{kind}/{id}",
         "GET /pets/dog/{id}",
         "ANY /pets/dog/1",
         "GET /pets/dog/1"}
    );
    CHECK(matched(pets, "GET", "/prod/pets/dog/1") == "GET /pets/dog/1");
    CHECK(matched(pets, "PUT", "/prod/pets/dog/1") == "ANY /pets/dog/1");
    CHECK(matched(pets, "GET", "/prod/pets/dog/2") == "GET /pets/dog/{id}");
    CHECK(matched(pets, "GET", "/prod/pets/cat/2") == "GET /pets/{kind}/{id}");
    CHECK(matched(pets, "GET", "/prod/pets/cat") == "GET /pets/{proxy+}");
    CHECK(matched(pets, "DELETE", "/prod/pets/cat/2") == "ANY /{proxy+}");
    CHECK(matched(pets, "GET", "/prod/") == "$default");
    CHECK(matched(pets, "GET", "/prod") == "$default");
}

TEST_CASE("path variables are decoded, a greedy one keeps its slashes", "[apigateway][routing]") {
    const ApiModel model = model_with_routes({"GET /pets/{id}", "GET /files/{path+}"});
    const Routing one = route(model, "GET", "/prod/pets/a%20b%2Fc");
    REQUIRE(one.match);
    CHECK(one.match->path_parameters[0] == std::pair<std::string, std::string>("id", "a b/c"));
    const Routing greedy = route(model, "GET", "/prod/files/a/b%20/c");
    REQUIRE(greedy.match);
    CHECK(
        greedy.match->path_parameters[0] == std::pair<std::string, std::string>("path", "a/b /c")
    );
    CHECK_FALSE(route(model, "GET", "/prod/files/").match);
    CHECK_FALSE(route(model, "GET", "/prod/pets/").match);
    CHECK_FALSE(route(model, "GET", "/prod/pets/1/2").match);
}

TEST_CASE("a $default stage takes what no named stage claims", "[apigateway][routing]") {
    ApiModel model = lab_model();
    Stage stage;
    stage.name = "$default";
    stage.auto_deploy = true;
    model.stages.push_back(stage);
    auto_deploy(model);
    CHECK(route(model, "POST", "/presign").match->stage->name == "$default");
    CHECK(route(model, "POST", "/prod/presign").match->stage->name == "prod");
    // A named stage is final: its misses do not fall back.
    CHECK_FALSE(route(model, "POST", "/prod/other").match);
}

TEST_CASE("a route exists in a stage only once deployed", "[apigateway][routing]") {
    ApiModel model = lab_model();
    model.stages[0].auto_deploy = false;
    model.current.routes.push_back({"2", "GET /new", "integrations/0abcdef"});
    auto_deploy(model);
    CHECK(missed(model, "GET", "/prod/new").miss == Miss::NotDeployed);
    model.stages[0].auto_deploy = true;
    auto_deploy(model);
    CHECK(matched(model, "GET", "/prod/new") == "GET /new");
}

TEST_CASE("a path of absurd length only misses", "[apigateway][routing]") {
    const std::string path = "/prod" + std::string(5000, '/');
    CHECK_FALSE(route(model_with_routes({"GET /{p+}"}), "GET", path).match);
}

TEST_CASE("a document survives the way to JSON and back", "[apigateway][model]") {
    ApiModel model = lab_model();
    model.stages[0].variables = {{"v", "1"}};
    model.cors = CorsConfiguration{true, {"x-a"}, {"POST"}, {"https://a.example"}, {"x-b"}, 60};
    const std::string text = to_json(model);
    const auto again = parse_model(text);
    REQUIRE(again);
    CHECK(to_json(*again) == text);
    CHECK(again->cors->max_age == 60);
    CHECK(again->stages[0].deployed.routes[0].key == "POST /presign");
    CHECK_FALSE(parse_model("[]"));
    CHECK_FALSE(parse_model("{"));
    CHECK(parse_model("{\"routes\":[1],\"stages\":{}}"));
}
