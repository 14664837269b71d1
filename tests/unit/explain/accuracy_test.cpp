// The measure: five real clients' requests, each broken in every known way; the mistake named has
// to be the one that was made in at least 95 of 100.
#include "tests/catch.hpp"
#include "tests/unit/explain/slips_of_clients.hpp"

#include <iostream>

using namespace recorded;

TEST_CASE("The requests as they were recorded are good", "[explain]") {
    for (const Request& request : requests()) {
        INFO(request.version);
        const auto explanation = explained(good(request));
        CHECK(explanation.mistake == "");
        CHECK(explanation.cause == "");
    }
}

TEST_CASE("The mistake that was made is the one that is named", "[explain][accuracy]") {
    std::size_t made = 0;
    std::size_t named = 0;
    std::size_t most_tried = 0;
    std::string table;
    for (const Request& request : requests()) {
        std::size_t of_client = 0;
        const auto& mutations = request.is_presigned() ? url_mutations() : header_mutations();
        CHECK(mutations.size() >= 20);
        std::string misses;
        for (const Mutation& mutation : mutations) {
            Case one = good(request);
            mutation.apply(one);
            const auto explanation = explained(one);
            most_tried = std::max(most_tried, explanation.tried);
            const bool right = explanation.mistake == mutation.mistake;
            of_client += right ? 1 : 0;
            if (!right) {
                misses += "    " + std::string(mutation.what) + ": " + explanation.mistake +
                          " instead of " + std::string(mutation.mistake) + "\n";
            }
            // Whatever is said, no secret is.
            for (const std::string* const text :
                 {&explanation.cause,
                  &explanation.fix,
                  &explanation.signed_string,
                  &explanation.signed_request}) {
                CHECK(text->find(request.secret) == std::string::npos);
                CHECK(text->find(kOtherSecret) == std::string::npos);
            }
        }
        made += mutations.size();
        named += of_client;
        table += request.client + std::string(12 - request.client.size(), ' ') +
                 std::to_string(of_client) + " of " + std::to_string(mutations.size()) + "   " +
                 request.version + "\n" + misses;
    }
    std::cout << table << "all         " << named << " of " << made << ", at most " << most_tried
              << " signatures tried\n";
    CHECK(named * 100 >= made * 95);
    CHECK(most_tried <= 8001);
}
