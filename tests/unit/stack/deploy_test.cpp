#include "emulator/apigateway/routing.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/stack/deploy.hpp"
#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::stack;

namespace {

struct CountingRandom : Random {
    char next = 0;

    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = next++;
        }
    }
};

struct Bench {
    std::unique_ptr<store::Store> store = store::open_memory_store();
    CountingRandom random;

    void write(const std::function<void(store::WriteTx&)>& change) {
        store::WriteJob job;
        job.run = [&](store::WriteTx& tx) {
            change(tx);
            return true;
        };
        job.done = [](store::CommitStatus status) {
            REQUIRE(status == store::CommitStatus::Committed);
        };
        store->write(std::move(job));
    }

    void deploy_at(std::int64_t second) {
        write([&](store::WriteTx& tx) {
            const auto deployed = deploy(
                tx, lab_stack(), from_epoch_seconds(second), random, pipeline::service_tables()
            );
            INFO((deployed ? std::string() : deployed.error().message()));
            REQUIRE(deployed.has_value());
        });
    }
};

} // namespace

TEST_CASE("deploying the lab creates every part of it", "[stack][deploy]") {
    Bench bench;
    bench.deploy_at(1000);
    bench.store->read([](const store::ReadTx& tx) {
        const auto bucket = tx.find_bucket("student-upload-bucket-aj");
        REQUIRE(bucket);
        CHECK(bucket->region == "us-east-2");
        const auto trigger = s3::parse_notification_config(bucket->notification);
        REQUIRE(trigger.has_value());
        REQUIRE(trigger->rules.size() == 1);
        CHECK(trigger->rules[0].id == "uploads-to-worker");
        CHECK(
            trigger->rules[0].arn ==
            "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda"
        );
        CHECK(trigger->rules[0].events == std::vector<std::string>{"s3:ObjectCreated:*"});
        CHECK(trigger->rules[0].filter.size() == 1);
        for (const char* const key : {"uploads/", "processed/"}) {
            const auto folder = tx.find_object(bucket->id, key);
            REQUIRE(folder);
            CHECK(folder->size == 0);
            CHECK(folder->etag == "d41d8cd98f00b204e9800998ecf8427e");
            CHECK(folder->checksum == "AAAAAAAAAAA=");
        }
        CHECK(tx.list_deliveries("", "", 10).empty());
        const auto web = tx.find_function("111122223333", "us-east-2", "web-presign-lambda");
        REQUIRE(web);
        CHECK(web->role_arn == "arn:aws:iam::111122223333:role/lambda-web-presign-role");
        CHECK(web->policy.find("labpresign/*/*/presign") != std::string::npos);
        const auto api = tx.find_api("labpresign");
        REQUIRE(api);
        const auto parsed = apigateway::parse_api(*api);
        REQUIRE(parsed.has_value());
        const auto routing = apigateway::route(parsed->model, "POST", "/prod/presign");
        REQUIRE(routing.match.has_value());
        REQUIRE(routing.match->integration != nullptr);
        CHECK(routing.match->integration->uri == web->arn());
        CHECK_FALSE(apigateway::route(parsed->model, "GET", "/prod/presign").match);
        const auto key = tx.find_access_key("AKIABENCHTOPLABADMIN");
        REQUIRE(key);
        CHECK(key->secret.size() == 40);
        CHECK(key->principal_name == "benchtop-admin");
        const auto policies =
            tx.inline_policies(store::PrincipalKind::Role, "111122223333", "lambda-worker-role");
        CHECK(policies.size() == 1);
    });
}

TEST_CASE(
    "a second deployment changes nothing, not even what a student changed", "[stack][deploy]"
) {
    Bench bench;
    bench.deploy_at(1000);
    bench.write([](store::WriteTx& tx) {
        tx.set_bucket_notification(tx.find_bucket("student-upload-bucket-aj")->id, "mine");
        tx.delete_object(tx.find_bucket("student-upload-bucket-aj")->id, "processed/");
    });
    std::string role_id;
    std::string user_id;
    bench.store->read([&](const store::ReadTx& tx) {
        role_id = tx.find_role("111122223333", "lambda-worker-role")->role_id;
        user_id = tx.find_user("111122223333", "benchtop-admin")->user_id;
    });
    bench.deploy_at(2000);
    bench.store->read([&](const store::ReadTx& tx) {
        CHECK(tx.find_role("111122223333", "lambda-worker-role")->role_id == role_id);
        CHECK(tx.find_user("111122223333", "benchtop-admin")->user_id == user_id);
        const auto bucket = tx.find_bucket("student-upload-bucket-aj");
        CHECK(bucket->notification == "mine");
        CHECK(bucket->created_at == from_epoch_seconds(1000));
        CHECK_FALSE(tx.find_object(bucket->id, "processed/"));
        CHECK(tx.list_functions("111122223333").size() == 2);
        CHECK(tx.list_apis().size() == 1);
        CHECK(tx.find_api("labpresign")->created_at == from_epoch_seconds(1000));
    });
}

TEST_CASE("an empty deployment holds the administrator and nothing else", "[stack][deploy]") {
    Bench bench;
    bench.write([&](store::WriteTx& tx) {
        deploy_administrator(tx, kLabAccount, from_epoch_seconds(1000), bench.random);
    });
    bench.store->read([](const store::ReadTx& tx) {
        const auto key = tx.find_access_key(kAdministratorAccessKeyId);
        REQUIRE(key.has_value());
        CHECK(key->secret == kAdministratorSecretKey);
        CHECK(tx.find_user(kLabAccount, kAdministratorName).has_value());
        CHECK_FALSE(tx.find_bucket(kLabBucket).has_value());
        CHECK_FALSE(tx.find_api(kLabApiId).has_value());
    });
}
