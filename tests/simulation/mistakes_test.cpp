// Every documented mistake against its recorded story in fixtures/mistakes/: what was sent, status,
// headers in their order, body, the log's line. BENCHTOP_REWRITE_FIXTURES=1 writes the files anew:
// read the difference before committing it.
#include "harness/mistakes/mistake.hpp"
#include "harness/tour.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace benchtop::harness;
using namespace benchtop::harness::mistakes;

namespace {

// What depends on clock and seed, the more particular first; equal texts stay equal, others stay
// different.
struct Kind {
    const char* name;
    const char* pattern;
};

constexpr Kind kKinds[] = {
    {"bytes", "(?:[0-9a-f]{2} ){16,}[0-9a-f]{2}"},
    {"token", "IQoJ[A-Za-z0-9+/=%]{200,}"},
    {"uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    {"hex64", "\\b[0-9a-f]{64}\\b"},
    {"hostid", "[A-Za-z0-9+/]{75}="},
    {"v2signature", "Signature=[A-Za-z0-9%]{27,81}%3D|SignatureProvided>[A-Za-z0-9+/]{27}="},
    {"Apigw-Requestid:", "Apigw-Requestid: [A-Za-z0-9_-]{15}="},
    {"amzdate", "\\b[0-9]{8}T[0-9]{6}Z"},
    {"key", "\\bASIA[A-Z0-9]{16}\\b"},
    {"requestid", "\\b[A-Z0-9]{16}\\b"},
    {"isodate", "\\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\\.[0-9]{3})?Z"},
    {"httpdate", "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"},
    {"day", "20[0-9]{6}(?=/|%2F)"},
    {"epoch", "\\b17[0-9]{8}\\b"},
};

std::string normalized(const std::string& text) {
    std::string pattern;
    for (const Kind& kind : kKinds) {
        pattern += std::string(pattern.empty() ? "" : "|") + '(' + kind.pattern + ')';
    }
    const std::regex any(pattern);
    std::map<std::pair<std::size_t, std::string>, std::size_t> numbers;
    std::map<std::size_t, std::size_t> counts;
    std::string out;
    auto from = text.begin();
    for (std::sregex_iterator it(text.begin(), text.end(), any), end; it != end; ++it) {
        out.append(from, (*it)[0].first);
        for (std::size_t kind = 0; kind < std::size(kKinds); ++kind) {
            if (!(*it)[kind + 1].matched) {
                continue;
            }
            const auto [entry, fresh] = numbers.try_emplace({kind, it->str()}, 0);
            if (fresh) {
                entry->second = ++counts[kind];
            }
            out += '{' + std::string(kKinds[kind].name) + std::to_string(entry->second) + '}';
        }
        from = (*it)[0].second;
    }
    out.append(from, text.end());
    return out;
}

std::string file_of(const Mistake& mistake) {
    return std::string(BENCHTOP_FIXTURES) + "/mistakes/" + std::string(mistake.slug) + ".txt";
}

std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// The first line in which two texts differ, for a report a person can read.
std::string first_difference(const std::string& got, const std::string& wanted) {
    std::istringstream a(got);
    std::istringstream b(wanted);
    std::string left;
    std::string right;
    for (int line = 1;; ++line) {
        const bool more_left = static_cast<bool>(std::getline(a, left));
        const bool more_right = static_cast<bool>(std::getline(b, right));
        if (!more_left && !more_right) {
            return {};
        }
        if (left != right || more_left != more_right) {
            return "line " + std::to_string(line) + "\n  got    " + left + "\n  wanted " + right;
        }
    }
}

} // namespace

TEST_CASE("every mistake is told as recorded", "[mistakes]") {
    const bool rewrite = std::getenv("BENCHTOP_REWRITE_FIXTURES") != nullptr;
    for (const Mistake& mistake : all_mistakes()) {
        const std::string got = normalized(render(mistake, mistake.run(), Tokens::Whole));
        if (rewrite) {
            std::ofstream(file_of(mistake), std::ios::binary) << got;
        }
        INFO(file_of(mistake));
        CHECK(first_difference(got, read(file_of(mistake))) == "");
    }
}

TEST_CASE("the live log names each mistake and its fix in one line", "[mistakes]") {
    for (const Mistake& mistake : all_mistakes()) {
        const Story story = mistake.run();
        INFO(mistake.slug);
        CHECK(story.hint.ends_with('[' + std::string(mistake.hint) + ']'));
        CHECK(story.hint.find(" Fix: ") != std::string::npos);
        CHECK(story.hint.find('\n') == std::string::npos);
    }
}

TEST_CASE("a mistake told twice is told alike, byte for byte", "[mistakes]") {
    for (const Mistake& mistake : all_mistakes()) {
        INFO(mistake.slug);
        const std::string once = render(mistake, mistake.run(), Tokens::Whole);
        const std::string twice = render(mistake, mistake.run(), Tokens::Whole);
        CHECK(first_difference(once, twice) == "");
    }
}

TEST_CASE("mistakes are numbered from 1 and found by number, name and hint", "[mistakes]") {
    int number = 0;
    std::set<std::string_view> slugs;
    for (const Mistake& mistake : all_mistakes()) {
        CHECK(mistake.number == ++number);
        CHECK(slugs.insert(mistake.slug).second);
        CHECK(find_mistake(mistake.slug) == &mistake);
        CHECK(find_mistake(std::to_string(mistake.number)) == &mistake);
        REQUIRE(find_mistake(mistake.hint) != nullptr);
        CHECK(find_mistake(mistake.hint)->hint == mistake.hint);
        CHECK(render_list().find(std::string(mistake.title)) != std::string::npos);
    }
    CHECK(find_mistake("0") == nullptr);
    CHECK(find_mistake("no-such-mistake") == nullptr);
}

TEST_CASE("for the terminal long tokens are shortened, words are not", "[mistakes]") {
    const Mistake* const mistake = find_mistake("json-behind-url");
    REQUIRE(mistake != nullptr);
    const Story story = mistake->run();
    const std::string whole = render(*mistake, story, Tokens::Whole);
    const std::string shown = render(*mistake, story, Tokens::Shortened);
    CHECK(shown.size() * 2 < whole.size());
    CHECK(shown.find("<Code>SignatureDoesNotMatch</Code>") != std::string::npos);
    CHECK(shown.find(story.fix) != std::string::npos);
}

TEST_CASE("the tour of the lab ends well and is the same each time", "[mistakes][tour]") {
    const Tour tour = run_tour();
    CHECK(tour.good);
    CHECK(tour.text == run_tour().text);
    CHECK(tour.text.find("REPORT RequestId:") != std::string::npos);
    CHECK(tour.text.find("[NOT TRUE]") == std::string::npos);
}

TEST_CASE("references keep what is equal equal", "[mistakes]") {
    CHECK(
        normalized("ASIAABCDEFGHIJKLMNOP ASIAABCDEFGHIJKLMNOQ ASIAABCDEFGHIJKLMNOP") ==
        "{key1} {key2} {key1}"
    );
}
