// A lab on a simulated disk beside a plain model of what its clients were told. Buckets: one
// plain, one with versions, and the lab's own, whose uploads the worker moves to processed/.
#pragma once

#include "emulator/stack/constants.hpp"
#include "harness/lab.hpp"
#include "harness/simulated_disk.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace benchtop::harness::test {

class World {
public:
    World(std::uint64_t seed, store::Durability durability);
    ~World();

    SimulatedDisk& disk() { return disk_; }

    Lab& lab() { return *lab_; }

    // --- what an engineer does; each returns once the answer, if any, is in the model
    // Starts the process, again and again until the disk lets it.
    void start();
    // Ends it in good order.
    void stop();
    // Deploys the lab and makes the buckets.
    void deploy();
    void put(const std::string& key, std::string body);
    void copy(const std::string& from, const std::string& to);
    void remove(const std::string& key);
    // A multipart upload of one part.
    void put_in_parts(const std::string& key, std::string body);
    void put_version(const std::string& key, std::string body);
    // Deletes the oldest version known, for good.
    void remove_version(const std::string& key);
    void upload(const std::string& name, std::string body);
    // The clock goes on; retries run.
    void pass(microseconds amount);

    // --- what must hold; each failure as a sentence
    // While the process runs: reads agree with the model.
    std::vector<std::string> check_answers();
    // All faults are over: every event has run, nothing is left over, a restart finds all clean.
    std::vector<std::string> check_end();

    // Start-ups that were refused: the sentence for the user.
    const std::vector<std::string>& refusals() const { return refusals_; }

    std::size_t crashes() const { return crashes_; }

    // Answers of 500 or more, and those that never came.
    std::size_t failed_requests() const { return failed_requests_; }

private:
    // What a key may hold: what was acknowledged last, and what was asked for since without an
    // answer. nullopt: nothing.
    struct Held {
        std::vector<std::optional<std::string>> possible{std::nullopt};

        void acknowledge(std::optional<std::string> value) { possible = {std::move(value)}; }

        void attempt(std::optional<std::string> value) { possible.push_back(std::move(value)); }
    };

    struct Versions {
        std::map<std::string, std::string> acknowledged; // by version id
        std::vector<std::string> attempted;
        std::map<std::string, std::string> doubtful; // deleted without an answer
    };

    struct Upload {
        std::string body;
        bool acknowledged = false;
    };

    std::unique_ptr<store::Store> open_store(Random& random);
    void revive();
    ClientResponse request(ClientRequest request);
    ClientResponse object(std::string method, std::string path, std::string body = {});
    bool ok(const ClientResponse& answer);
    void made(std::string path, std::string body);
    void end_lab();
    void check_plain(std::vector<std::string>& wrong);
    void check_versions(std::vector<std::string>& wrong);
    void check_uploads(std::vector<std::string>& wrong);
    void check_rows(std::vector<std::string>& wrong);

    SimulatedDisk disk_;
    store::Durability durability_;
    std::uint64_t seed_;
    std::uint64_t starts_ = 0;
    UtcInstant now_ = from_epoch_seconds(1'790'000'000);
    std::unique_ptr<Lab> lab_;
    bool deployed_ = false;
    std::string unexpected_;
    std::map<std::string, Held> plain_;
    std::map<std::string, Versions> versions_;
    std::map<std::string, Upload> uploads_;
    std::vector<std::string> refusals_;
    std::size_t crashes_ = 0;
    std::size_t failed_requests_ = 0;
};

// Bytes that say who wrote them.
std::string body_of(std::uint64_t number, std::size_t size);

} // namespace benchtop::harness::test
