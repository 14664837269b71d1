// Buckets and APIs: what an administrator configures.
#include "emulator/core/assert.hpp"
#include "emulator/store/connection.hpp"
#include "emulator/store/record.hpp"

#include <algorithm>

namespace benchtop::store {
namespace {

Bucket read_bucket(const Statement& row) {
    Bucket bucket;
    bucket.id = row.integer_at(0);
    bucket.name = row.text_at(1);
    bucket.account = row.text_at(2);
    bucket.region = row.text_at(3);
    bucket.created_at = row.time_at(4);
    bucket.version = row.integer_at(5);
    bucket.notification = row.text_at(6);
    bucket.policy = row.text_at(7);
    if (const std::string_view settings = row.view_at(8); !settings.empty()) {
        bucket.settings = unpack_pairs(settings);
    }
    return bucket;
}

HttpApi read_api(const Statement& row) {
    HttpApi api;
    api.api_id = row.text_at(0);
    api.account = row.text_at(1);
    api.region = row.text_at(2);
    api.name = row.text_at(3);
    api.document = row.text_at(4);
    api.version = row.integer_at(5);
    api.created_at = row.time_at(6);
    return api;
}

} // namespace

std::optional<Bucket> ReadTx::find_bucket(std::string_view name) const {
    Statement row = connection_.query(Sql::FindBucket);
    return row.text(name).step() ? std::optional(read_bucket(row)) : std::nullopt;
}

std::vector<Bucket> ReadTx::list_buckets(std::string_view account) const {
    std::vector<Bucket> buckets;
    Statement rows = connection_.query(Sql::ListBuckets);
    rows.text(account);
    while (rows.step()) {
        buckets.push_back(read_bucket(rows));
    }
    return buckets;
}

std::vector<Bucket> ReadTx::all_buckets() const {
    std::vector<Bucket> buckets;
    Statement rows = connection_.query(Sql::AllBuckets);
    while (rows.step()) {
        buckets.push_back(read_bucket(rows));
    }
    return buckets;
}

bool ReadTx::has_objects(BucketId bucket) const {
    return connection_.query(Sql::AnyObject).integer(bucket).step();
}

bool ReadTx::has_versions(BucketId bucket) const {
    return connection_.query(Sql::AnyVersion).integer(bucket).step();
}

BucketId WriteTx::create_bucket(const Bucket& bucket) {
    const std::string settings = pack_pairs(bucket.settings);
    connection_.modify(Sql::CreateBucket)
        .text(bucket.name)
        .text(bucket.account)
        .text(bucket.region)
        .time(bucket.created_at)
        .text(bucket.notification)
        .text(bucket.policy)
        .blob(settings)
        .run();
    connection_.writer().job.configuration = true;
    return sqlite3_last_insert_rowid(connection_.handle());
}

void WriteTx::delete_bucket(BucketId bucket) {
    BT_ASSERT(!has_objects(bucket) && !has_versions(bucket));
    std::vector<std::string> uploads;
    {
        Statement rows = connection_.query(Sql::ListBucketUploads);
        rows.integer(bucket);
        while (rows.step()) {
            uploads.push_back(rows.text_at(0));
        }
    }
    for (const std::string& upload : uploads) {
        delete_upload(upload);
    }
    connection_.modify(Sql::DeleteBucket).integer(bucket).run();
    connection_.writer().job.configuration = true;
}

void WriteTx::set_bucket_notification(BucketId bucket, std::string_view text) {
    connection_.modify(Sql::SetBucketNotification).integer(bucket).text(text).run();
    connection_.writer().job.configuration = true;
}

void WriteTx::set_bucket_policy(BucketId bucket, std::string_view text) {
    connection_.modify(Sql::SetBucketPolicy).integer(bucket).text(text).run();
    connection_.writer().job.configuration = true;
}

void WriteTx::set_bucket_setting(
    BucketId bucket, std::string_view name, std::optional<std::string_view> text
) {
    TextPairs settings;
    {
        Statement row = connection_.query(Sql::FindBucketSettings);
        if (row.integer(bucket).step() && !row.view_at(0).empty()) {
            settings = unpack_pairs(row.view_at(0));
        }
    }
    std::erase_if(settings, [&](const auto& setting) { return setting.first == name; });
    if (text) {
        settings.emplace_back(name, *text);
        std::ranges::sort(settings); // by name, so that listings of them are in order
    }
    const std::string packed = pack_pairs(settings);
    connection_.modify(Sql::SetBucketSettings).integer(bucket).blob(packed).run();
    connection_.writer().job.configuration = true;
}

std::optional<HttpApi> ReadTx::find_api(std::string_view api_id) const {
    Statement row = connection_.query(Sql::FindApi);
    return row.text(api_id).step() ? std::optional(read_api(row)) : std::nullopt;
}

std::vector<HttpApi> ReadTx::list_apis() const {
    std::vector<HttpApi> apis;
    Statement rows = connection_.query(Sql::ListApis);
    while (rows.step()) {
        apis.push_back(read_api(rows));
    }
    return apis;
}

void WriteTx::put_api(const HttpApi& api) {
    connection_.modify(Sql::PutApi)
        .text(api.api_id)
        .text(api.account)
        .text(api.region)
        .text(api.name)
        .text(api.document)
        .time(api.created_at)
        .run();
    connection_.writer().job.configuration = true;
}

void WriteTx::delete_api(std::string_view api_id) {
    connection_.modify(Sql::DeleteApi).text(api_id).run();
    connection_.writer().job.configuration = true;
}

} // namespace benchtop::store
