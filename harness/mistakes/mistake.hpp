// The documented mistakes and traps of the lab, each as a scenario that runs on a fresh Lab: what a
// student does, what AWS answers, why, and the fix. The same seed gives the same story, byte for
// byte.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::harness::mistakes {

// One thing that is done, or looked at.
struct Step {
    std::string action;   // a sentence
    std::string command;  // as typed in a shell; "" when nobody types it
    std::string request;  // as sent, whole; "" when none is shown
    std::string response; // as received, whole
    std::string output;   // of a command that looks at the bench (logs, deliveries)
};

struct Story {
    std::string setup; // a sentence
    std::vector<Step> steps;
    std::string why;
    std::string fix;
    std::string hint; // the line of the live log, "" when it says nothing
};

struct Mistake {
    int number; // the handout's five are 1 to 5
    std::string_view slug;
    std::string_view title;
    std::string_view hint; // the tutor's name for it
    Story (*run)();
};

// By number.
std::span<const Mistake> all_mistakes();

// By number, slug or the tutor's name ("3", "get-instead-of-post", "wrong-method"); nullptr: none.
const Mistake* find_mistake(std::string_view which);

enum class Tokens {
    Whole,
    Shortened, // for people: long tokens, signatures and byte dumps with their middle left out
};

// "3  get-instead-of-post  ..." lines.
std::string render_list();
std::string render(const Mistake& mistake, const Story& story, Tokens tokens);

} // namespace benchtop::harness::mistakes
