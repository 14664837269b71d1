// The known slips: small changes of what was received into what a client may have signed instead.
// Each rule writes down the slips it sees reason to try; the search tries one, then two together.
// Private to this room.
#pragma once

#include "emulator/explain/explain.hpp"
#include "emulator/explain/message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::explain {

// Two of the frequent ones may come together; the rest is tried alone.
enum class Frequency { Rare, Frequent };

struct Slip {
    std::string mistake; // short name, stable
    std::string cause;   // one sentence
    std::string fix;     // one sentence
    std::function<void(Message&)> apply;
    Frequency frequency = Frequency::Rare;
};

// A slip in which the client's canonical request holds `line` instead of the rule's.
inline void add_line(
    std::vector<Slip>& out,
    std::optional<std::string> Message::*part, // path_line or query_line
    std::string line,
    std::string_view mistake,
    std::string_view cause,
    std::string_view fix,
    Frequency frequency = Frequency::Rare
) {
    out.push_back(
        {std::string(mistake),
         std::string(cause),
         std::string(fix),
         [part, line = std::move(line)](Message& m) { m.*part = line; },
         frequency}
    );
}

using SlipRule = void (*)(const Message& seen, const Known& known, std::vector<Slip>& out);

// In the order in which they are tried.
const std::vector<SlipRule>& slip_rules();
// Tried when nothing else fits: each is a guess among very many.
const std::vector<SlipRule>& last_slip_rules();

// The rules, by what of the request they change.
void method_slips(const Message&, const Known&, std::vector<Slip>&);
void host_slips(const Message&, const Known&, std::vector<Slip>&);
void path_encoding_slips(const Message&, const Known&, std::vector<Slip>&);
void path_slips(const Message&, const Known&, std::vector<Slip>&);
void mistyped_path_slips(const Message&, const Known&, std::vector<Slip>&);
void query_encoding_slips(const Message&, const Known&, std::vector<Slip>&);
void query_parameter_slips(const Message&, const Known&, std::vector<Slip>&);
void expires_slips(const Message&, const Known&, std::vector<Slip>&);
void any_expires_slips(const Message&, const Known&, std::vector<Slip>&);
void token_slips(const Message&, const Known&, std::vector<Slip>&);
void content_type_slips(const Message&, const Known&, std::vector<Slip>&);
void header_slips(const Message&, const Known&, std::vector<Slip>&);
void payload_slips(const Message&, const Known&, std::vector<Slip>&);
void region_slips(const Message&, const Known&, std::vector<Slip>&);
void service_slips(const Message&, const Known&, std::vector<Slip>&);
void date_slips(const Message&, const Known&, std::vector<Slip>&);
void secret_slips(const Message&, const Known&, std::vector<Slip>&);

} // namespace benchtop::explain
