#include "tests/simulation/storage_world.hpp"

#include "emulator/pipeline/service_tables.hpp"
#include "emulator/stack/deploy.hpp"

#include <algorithm>

namespace benchtop::harness::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kDirectory = "/srv/benchtop";
constexpr std::string_view kPlain = "plain-objects";
constexpr std::string_view kVersioned = "versioned-objects";
constexpr int kAttemptsMax = 5;

std::vector<std::string>
texts_between(std::string_view text, std::string_view open, std::string_view close) {
    std::vector<std::string> found;
    for (auto at = text.find(open); at != std::string_view::npos; at = text.find(open, at)) {
        at += open.size();
        found.emplace_back(text.substr(at, text.find(close, at) - at));
    }
    return found;
}

std::int64_t number(sqlite3* db, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    std::int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

} // namespace

std::string body_of(std::uint64_t number, std::size_t size) {
    std::string body = std::to_string(number) + ':';
    body.resize(std::max(size, body.size()), static_cast<char>('a' + number % 26));
    return body;
}

World::World(std::uint64_t seed, store::Durability durability)
    : disk_(seed)
    , durability_(durability)
    , seed_(seed) {
    disk_.on_crash([this] {
        ++crashes_;
        if (lab_) {
            lab_->doom();
        }
    });
}

World::~World() {
    end_lab();
}

std::unique_ptr<store::Store> World::open_store(Random& random) {
    store::FileStoreOptions options;
    options.directory = kDirectory;
    options.durability = durability_;
    options.writer = store::Writer::OnCaller;
    options.files = &disk_;
    options.log_tidy = 40;
    options.log_max = 120;
    if (disk_.crashed()) {
        disk_.restart();
    }
    while (true) {
        auto opened = store::open_file_store(options, random);
        if (opened) {
            return *std::move(opened);
        }
        refusals_.push_back(opened.error().message());
        disk_.restart();
    }
}

void World::start() {
    while (!lab_) {
        LabOptions options;
        options.seed = seed_ * 1000 + ++starts_;
        options.start = now_;
        options.deploy = false;
        options.open_store = [this](Random& random) { return open_store(random); };
        try {
            lab_ = std::make_unique<Lab>(std::move(options));
            lab_->settle();
        } catch (const store::StoreFailure& failure) {
            refusals_.emplace_back(failure.what());
            lab_.reset();
            disk_.restart();
        }
        if (disk_.crashed()) {
            end_lab();
            disk_.restart();
        }
    }
}

void World::end_lab() {
    if (lab_) {
        now_ = lab_->now() + 1s;
        lab_.reset();
    }
}

void World::stop() {
    end_lab();
    if (disk_.crashed()) {
        disk_.restart();
    }
}

// A process that died outside a request is started again as its operator would.
void World::revive() {
    lab_->settle();
    if (disk_.crashed()) {
        end_lab();
        disk_.restart();
        start();
    }
}

void World::deploy() {
    while (!deployed_) {
        store::WriteJob job;
        job.run = [this](store::WriteTx& tx) {
            SeededRandom random(seed_);
            return tx.find_bucket(stack::kLabBucket) ||
                   stack::deploy(
                       tx, stack::lab_stack(), lab_->now(), random, pipeline::service_tables()
                   )
                       .has_value();
        };
        job.done = [this](store::CommitStatus status) {
            deployed_ = status == store::CommitStatus::Committed;
        };
        lab_->store().write(std::move(job));
        if (!deployed_) {
            disk_.heal();
            revive();
        }
    }
    const std::string home = "<CreateBucketConfiguration><LocationConstraint>" +
                             std::string(stack::kLabRegion) +
                             "</LocationConstraint></CreateBucketConfiguration>";
    made(std::string(kPlain), home);
    made(std::string(kVersioned), home);
    made(
        std::string(kVersioned) + "?versioning=",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    );
}

void World::made(std::string path, std::string body) {
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const ClientResponse answer = object("PUT", path, body);
        if (answer.status == 200 || answer.body.find("AlreadyOwnedByYou") != std::string::npos) {
            return;
        }
        unexpected_ = "PUT " + path + ": " + answer.response_text;
        disk_.heal();
    }
    throw std::runtime_error(unexpected_);
}

ClientResponse World::request(ClientRequest request) {
    ClientResponse answer = lab_->send_signed(std::move(request), Lab::administrator());
    revive();
    return answer;
}

ClientResponse World::object(std::string method, std::string path, std::string body) {
    return request(
        {std::move(method), std::string(kEndpoint) + '/' + std::move(path), {}, std::move(body)}
    );
}

bool World::ok(const ClientResponse& answer) {
    const bool good = answer.status >= 200 && answer.status < 300 &&
                      answer.body.find("<Error>") == std::string::npos;
    failed_requests_ += good ? 0 : 1;
    return good;
}

void World::put(const std::string& key, std::string body) {
    Held& held = plain_[key];
    held.attempt(body);
    if (ok(object("PUT", std::string(kPlain) + '/' + key, body))) {
        held.acknowledge(std::move(body));
    }
}

void World::copy(const std::string& from, const std::string& to) {
    ClientRequest copy;
    copy.method = "PUT";
    copy.url = std::string(kEndpoint) + '/' + std::string(kPlain) + '/' + to;
    copy.headers = {{"x-amz-copy-source", '/' + std::string(kPlain) + '/' + from}};
    const auto source = plain_[from].possible;
    Held& held = plain_[to];
    for (const auto& value : source) {
        if (value) {
            held.attempt(*value);
        }
    }
    if (ok(request(std::move(copy)))) {
        held.possible.clear();
        for (const auto& value : source) {
            if (value) {
                held.attempt(*value);
            }
        }
    }
}

void World::remove(const std::string& key) {
    Held& held = plain_[key];
    held.attempt(std::nullopt);
    if (ok(object("DELETE", std::string(kPlain) + '/' + key))) {
        held.acknowledge(std::nullopt);
    }
}

void World::put_in_parts(const std::string& key, std::string body) {
    const std::string path = std::string(kPlain) + '/' + key;
    const ClientResponse begun = object("POST", path + "?uploads=");
    const auto ids = texts_between(begun.body, "<UploadId>", "</UploadId>");
    if (!ok(begun) || ids.empty()) {
        return;
    }
    const ClientResponse part = object("PUT", path + "?partNumber=1&uploadId=" + ids[0], body);
    if (!ok(part)) {
        return;
    }
    Held& held = plain_[key];
    held.attempt(body);
    const std::string list = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                             std::string(part.headers.get("etag")) +
                             "</ETag></Part></CompleteMultipartUpload>";
    if (ok(object("POST", path + "?uploadId=" + ids[0], list))) {
        held.acknowledge(std::move(body));
    }
}

void World::remove_version(const std::string& key) {
    Versions& versions = versions_[key];
    if (versions.acknowledged.empty()) {
        return;
    }
    const auto oldest = versions.acknowledged.begin();
    const std::string id = oldest->first;
    const ClientResponse answer =
        object("DELETE", std::string(kVersioned) + '/' + key + "?versionId=" + id);
    if (!ok(answer)) {
        versions.doubtful[id] = oldest->second;
    }
    versions.acknowledged.erase(oldest);
}

void World::put_version(const std::string& key, std::string body) {
    Versions& versions = versions_[key];
    const ClientResponse answer = object("PUT", std::string(kVersioned) + '/' + key, body);
    if (!ok(answer)) {
        versions.attempted.push_back(std::move(body));
    } else {
        const auto id = answer.headers.find("x-amz-version-id");
        versions.acknowledged[id ? std::string(*id) : "null"] = std::move(body);
    }
}

void World::upload(const std::string& name, std::string body) {
    Upload& upload = uploads_[name];
    upload.body = body;
    const std::string path = std::string(stack::kLabBucket) + "/uploads/" + name;
    upload.acknowledged = ok(object("PUT", path, std::move(body)));
}

void World::pass(microseconds amount) {
    lab_->pass(amount);
    revive();
}

std::vector<std::string> World::check_answers() {
    std::vector<std::string> wrong;
    check_plain(wrong);
    check_versions(wrong);
    return wrong;
}

void World::check_plain(std::vector<std::string>& wrong) {
    std::set<std::string> present;
    for (auto& [key, held] : plain_) {
        const ClientResponse answer = object("GET", std::string(kPlain) + '/' + key);
        std::optional<std::string> value;
        if (answer.status == 200) {
            value = answer.body;
            present.insert(key);
        } else if (answer.status != 404) {
            wrong.push_back("GET " + key + " answered " + std::to_string(answer.status));
            continue;
        }
        if (std::ranges::find(held.possible, value) == held.possible.end()) {
            wrong.push_back(key + " holds " + (value ? value->substr(0, 12) : "nothing"));
        }
        held.acknowledge(value);
    }
    const ClientResponse list = object("GET", std::string(kPlain) + "?list-type=2");
    const auto listed = texts_between(list.body, "<Key>", "</Key>");
    if (std::set<std::string>(listed.begin(), listed.end()) != present) {
        wrong.push_back("the listing differs from the model");
    }
}

void World::check_versions(std::vector<std::string>& wrong) {
    for (auto& [key, versions] : versions_) {
        for (const auto& [id, body] : versions.acknowledged) {
            const ClientResponse answer =
                object("GET", std::string(kVersioned) + '/' + key + "?versionId=" + id);
            if (answer.status != 200 || answer.body != body) {
                wrong.push_back("version " + id + " of " + key + " is lost");
            }
        }
        const ClientResponse list =
            object("GET", std::string(kVersioned) + "?prefix=" + key + "&versions=");
        for (const std::string& id : texts_between(list.body, "<VersionId>", "</VersionId>")) {
            if (versions.acknowledged.contains(id) || versions.doubtful.contains(id)) {
                continue;
            }
            const ClientResponse answer =
                object("GET", std::string(kVersioned) + '/' + key + "?versionId=" + id);
            if (std::ranges::find(versions.attempted, answer.body) == versions.attempted.end()) {
                wrong.push_back("nobody put version " + id + " of " + key);
            }
            versions.acknowledged[id] = answer.body;
        }
    }
}

// Every upload has been moved, or never was. An event may be given up all the same: run again
// because its end could not be stored, the worker finds the object moved already.
void World::check_uploads(std::vector<std::string>& wrong) {
    std::map<std::string, int> events;
    for (const auto& delivery : lab_->deliveries()) {
        if (delivery.key.starts_with("uploads/") &&
            delivery.event_name.starts_with("ObjectCreated")) {
            ++events[delivery.key.substr(std::string_view("uploads/").size())];
            if (delivery.state == store::DeliveryState::Pending) {
                wrong.push_back("the event of " + delivery.key + " has not run");
            }
        }
    }
    const std::string bucket(stack::kLabBucket);
    for (const auto& [name, upload] : uploads_) {
        const ClientResponse moved = object("GET", bucket + "/processed/" + name);
        const bool left = lab_->has_object(bucket, "uploads/" + name);
        const bool whole = moved.status == 200 && moved.body == upload.body;
        if (upload.acknowledged ? !whole : moved.status == 200 && !whole) {
            wrong.push_back("upload " + name + " is lost or damaged");
        }
        if (left || events[name] != (moved.status == 200 ? 1 : 0)) {
            wrong.push_back(
                "upload " + name + ": " + std::to_string(events[name]) + " events" +
                (left ? ", and it was not moved" : "")
            );
        }
    }
    for (const auto& [name, count] : events) {
        if (count > 0 && !uploads_.contains(name)) {
            wrong.push_back("a phantom event for " + name);
        }
    }
}

// The database and the files of a stopped process agree.
void World::check_rows(std::vector<std::string>& wrong) {
    const std::string directory(kDirectory);
    sqlite3* db = nullptr;
    sqlite3_open_v2(
        (directory + "/benchtop.db").c_str(), &db, SQLITE_OPEN_READWRITE, disk_.database_vfs()
    );
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, nullptr);
    sqlite3_step(statement);
    const auto* said = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (said == nullptr || std::string_view(said) != "ok") {
        wrong.push_back(std::string("integrity_check: ") + (said == nullptr ? "-" : said));
    }
    sqlite3_finalize(statement);
    const auto files = static_cast<std::int64_t>(disk_.files_below(directory + "/blobs").size());
    if (files != number(db, "SELECT count(*) FROM body WHERE file IS NOT NULL")) {
        wrong.push_back(
            "files of bodies and their rows differ: " + std::to_string(files) + " files, " +
            std::to_string(number(db, "SELECT count(*) FROM body WHERE file IS NOT NULL")) + " rows"
        );
    }
    if (number(
            db,
            "SELECT count(*) FROM body WHERE refs = 0 OR refs <>"
            " (SELECT count(*) FROM object WHERE body_id = body.id) +"
            " (SELECT count(*) FROM version WHERE body_id = body.id) +"
            " (SELECT count(*) FROM upload_part WHERE body_id = body.id) +"
            " (SELECT count(*) FROM body_slice WHERE source_id = body.id)"
        ) != 0) {
        wrong.push_back("bodies without an object");
    }
    if (!disk_.files_below(directory + "/staging").empty()) {
        wrong.push_back("staged bodies are left");
    }
    sqlite3_close(db);
}

std::vector<std::string> World::check_end() {
    disk_.heal();
    revive();
    std::vector<std::string> wrong;
    pass(10min); // every event has its turn
    stop();      // a file that could not be removed is removed by the next start
    start();
    for (int turn = 0; turn < 2; ++turn) { // again after a restart
        pass(10min);
        check_plain(wrong);
        check_versions(wrong);
        check_uploads(wrong);
        stop();
        check_rows(wrong);
        start();
        const store::RecoveryReport found = lab_->store().recovery_report();
        if (found.unclean || found.files_missing != 0) {
            wrong.push_back("a restart in good order finds something to repair");
        }
    }
    return wrong;
}

} // namespace benchtop::harness::test
