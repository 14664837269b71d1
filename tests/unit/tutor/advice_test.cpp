#include "emulator/tutor/advice.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace benchtop;
using namespace benchtop::tutor;

namespace {

namespace json = boost::json;

struct Recorded {
    int status = 0;
    std::string code;
    std::string message;
};

std::vector<Recorded> refusals_of(const std::string& service) {
    const std::string path = BENCHTOP_FIXTURES;
    std::ifstream file(path + "/" + service + "/errors.json");
    std::ostringstream bytes;
    bytes << file.rdbuf();
    std::vector<Recorded> found;
    const json::value document = json::parse(bytes.str());
    for (const json::value& row : document.as_array()) {
        const json::object& object = row.as_object();
        const json::value* const message = object.if_contains("message");
        found.push_back(
            {static_cast<int>(object.at("status").as_int64()),
             std::string(object.at("code").as_string()),
             message != nullptr && message->is_string() ? std::string(message->as_string())
                                                        : std::string()}
        );
    }
    return found;
}

void check_sentence(std::string_view text) {
    CAPTURE(text);
    CHECK(text.size() > 10);
    CHECK(text.find("{message}") == std::string_view::npos);
}

} // namespace

TEST_CASE("every refusal on record has a cause and a fix", "[tutor][advice]") {
    for (const char* const service : {"s3", "iam", "lambda"}) {
        const auto refusals = refusals_of(service);
        CHECK(refusals.size() > 50);
        for (const Recorded& refusal : refusals) {
            CAPTURE(service, refusal.code, refusal.message);
            const Hint hint = advice_for({refusal.status, refusal.code, refusal.message});
            check_sentence(hint.cause);
            check_sentence(hint.fix);
            CHECK(hint.cause.ends_with('.'));
            CHECK(!hint.mistake.empty());
        }
    }
}

TEST_CASE("the mistake's name is the code's", "[tutor][advice]") {
    CHECK(advice_for({404, "NoSuchBucket", ""}).mistake == "no-such-bucket");
    CHECK(advice_for({400, "MalformedXML", ""}).mistake == "malformed-xml");
    CHECK(advice_for({400, "InvalidURI", ""}).mistake == "invalid-uri");
}

TEST_CASE("the answer's own words are quoted, and no more than a few", "[tutor][advice]") {
    const Hint hint = advice_for({400, "InvalidRequest", "Missing required header."});
    CHECK(hint.cause == "The request cannot be done as it stands: Missing required header.");
    const Hint long_one = advice_for({400, "InvalidRequest", std::string(100000, 'x')});
    CHECK(long_one.cause.size() < 1000);
}

TEST_CASE("a denial names who lacks what, in any service", "[tutor][advice]") {
    const Hint hint = advice_for(
        {403,
         "",
         "User: arn:aws:iam::111122223333:user/student is not authorized to perform: "
         "execute-api:Invoke on resource: arn:aws:execute-api:us-east-2:111122223333:a/prod/GET/x"}
    );
    CHECK(hint.mistake == "permission-missing");
    CHECK(hint.cause.find("student lacks execute-api:Invoke") != std::string::npos);
    CHECK(hint.fix.find("\"Action\":\"execute-api:Invoke\"") != std::string::npos);
}

TEST_CASE("an answer without a code is advised by its status", "[tutor][advice]") {
    std::set<std::string> names;
    for (const int status : {400, 401, 403, 404, 408, 413, 429, 500}) {
        const Hint hint = advice_for({status, "", "a cause"});
        check_sentence(hint.cause);
        check_sentence(hint.fix);
        names.insert(hint.mistake);
    }
    CHECK(names.size() == 8);
    CHECK(
        advice_for({401, "", "the token has expired"}).cause.find("the token has expired") !=
        std::string::npos
    );
}
