// Functions' lines reach CloudWatch Logs exactly when the role may write there.
#include "emulator/pipeline/log_delivery.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop;
using namespace benchtop::harness;

namespace {

namespace json = boost::json;

constexpr std::string_view kGroup = "/aws/lambda/worker-move-lambda";

void let_worker(Lab& lab, std::string_view actions, std::string_view resource = "*") {
    lab.write([&](store::WriteTx& tx) {
        tx.put_inline_policy(
            store::PrincipalKind::Role,
            std::string(stack::kLabAccount),
            stack::kWorkerRole,
            {"Logs",
             R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":)" +
                 std::string(actions) + R"(,"Resource":")" + std::string(resource) + R"("}})"}
        );
    });
}

void upload(Lab& lab) {
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    lab.settle();
}

std::size_t groups(Lab& lab) {
    const auto answer = json::parse(lab.logs("DescribeLogGroups", "{}").body);
    return answer.at("logGroups").as_array().size();
}

json::array events(Lab& lab) {
    const auto answer = json::parse(
        lab.logs("FilterLogEvents", R"({"logGroupName":")" + std::string(kGroup) + R"("})").body
    );
    return answer.at("events").as_array();
}

std::optional<std::string> why_not(Lab& lab) {
    functions::LogSource source;
    source.function_name = stack::kWorkerFunction;
    source.function_arn = "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda";
    source.role_arn = "arn:aws:iam::111122223333:role/lambda-worker-role";
    source.stream = "2026/02/21/[$LATEST]ab";
    std::optional<std::string> why;
    lab.store().read([&](const store::ReadTx& tx) {
        why = pipeline::why_not_in_cloudwatch(tx, source, lab.now());
    });
    return why;
}

} // namespace

TEST_CASE(
    "the handout's roles may write no logs: there is no group, and it is said why", "[logs]"
) {
    Lab lab;
    upload(lab);
    CHECK(groups(lab) == 0);
    CHECK_FALSE(lab.log_of(stack::kWorkerFunction).empty());
    CHECK(
        why_not(lab) == "CloudWatch Logs gets none of these lines: role lambda-worker-role lacks "
                        "logs:CreateLogGroup on arn:aws:logs:us-east-2:111122223333:log-group:"
                        "/aws/lambda/worker-move-lambda:log-stream: (the managed policy "
                        "AWSLambdaBasicExecutionRole has it)."
    );
}

TEST_CASE("a permission granted now counts for the next invocation", "[logs]") {
    Lab lab;
    upload(lab);
    let_worker(lab, R"(["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"])");
    CHECK(why_not(lab) == std::nullopt);
    upload(lab);
    CHECK(groups(lab) == 1); // the web function's role still may not
    const auto found = events(lab);
    REQUIRE(found.size() >= 4);
    const auto message = [&](std::size_t i) {
        return std::string(found.at(i).at("message").as_string());
    };
    CHECK(message(0).starts_with("START RequestId: "));
    CHECK(message(1).starts_with("Moving: uploads/"));
    CHECK(message(1).ends_with("\n"));
    CHECK(message(found.size() - 2).starts_with("END RequestId: "));
    CHECK(message(found.size() - 1).starts_with("REPORT RequestId: "));
    // The stream is the environment's, the same that the function is told.
    const std::string stream(found.at(0).at("logStreamName").as_string());
    CHECK(stream.find("/[$LATEST]") == 10);
    const auto told = json::parse(
        lab.logs("DescribeLogStreams", R"({"logGroupName":")" + std::string(kGroup) + R"("})").body
    );
    CHECK(told.at("logStreams").as_array().size() == 1);
    CHECK(told.at("logStreams").as_array().at(0).at("logStreamName").as_string() == stream.c_str());
}

TEST_CASE("without logs:CreateLogGroup a group made by hand is written to", "[logs]") {
    Lab lab;
    let_worker(
        lab,
        R"(["logs:CreateLogStream","logs:PutLogEvents"])",
        "arn:aws:logs:us-east-2:111122223333:log-group:/aws/lambda/worker-move-lambda:*"
    );
    upload(lab);
    CHECK(groups(lab) == 0);
    REQUIRE(
        lab.logs("CreateLogGroup", R"({"logGroupName":")" + std::string(kGroup) + R"("})").status ==
        200
    );
    upload(lab);
    CHECK(events(lab).size() >= 4);
    // An ARN without ":*" is the group, not its streams: the classic slip.
    let_worker(
        lab,
        R"("logs:*")",
        "arn:aws:logs:us-east-2:111122223333:log-group:/aws/lambda/worker-move-lambda"
    );
    const auto before = events(lab).size();
    upload(lab);
    CHECK(events(lab).size() == before);
}

TEST_CASE("logs:PutLogEvents alone is missing", "[logs]") {
    Lab lab;
    let_worker(lab, R"(["logs:CreateLogGroup","logs:CreateLogStream"])");
    upload(lab);
    CHECK(groups(lab) == 0);
    REQUIRE(why_not(lab).has_value());
    CHECK(why_not(lab)->find("lacks logs:PutLogEvents on ") != std::string::npos);
}

TEST_CASE("lines beyond the queue are dropped and counted", "[logs]") {
    // A store that lets jobs wait until the test runs them.
    class WaitingStore final : public store::Store {
    public:
        void read(const std::function<void(const store::ReadTx&)>& read) override {
            inner->read(read);
        }

        void write(store::WriteJob job) override { waiting.push_back(std::move(job)); }

        std::unique_ptr<store::BodyStager> stage(std::optional<std::uint64_t> size) override {
            return inner->stage(size);
        }

        std::uint64_t identity_epoch() const override { return inner->identity_epoch(); }

        std::uint64_t configuration_epoch() const override { return inner->configuration_epoch(); }

        void on_deliveries(DeliveryListener) override {}

        void stop() override {}

        std::unique_ptr<store::Store> inner = store::open_memory_store();
        std::vector<store::WriteJob> waiting;
    };

    WaitingStore store;
    VirtualClock clock(from_epoch_seconds(1'790'000'000));
    RecordingLog log;
    pipeline::LogDelivery delivery(store, clock, log);
    const functions::LogSource source{
        "f", "arn:aws:lambda:us-east-2:111122223333:function:f", "", "s"};
    const std::string line = std::string(100'000, 'x') + '\n';
    for (int i = 0; i < 100; ++i) {
        delivery.lines(source, clock.now(), line);
    }
    REQUIRE(store.waiting.size() == 1);
    store::WriteJob job = std::move(store.waiting.front());
    store.inner->write(std::move(job));
    REQUIRE(log.lines().size() == 1);
    CHECK(log.lines()[0].second.find("lost 17 lines") != std::string::npos);
}
