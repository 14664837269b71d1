// Why a request's signature was refused: the verification is done again, and when the signature
// does not fit, what the client must have signed is rebuilt by trying the known slips. Pure: the
// request, the credentials there are and the moment are arguments. Bounded, whatever the request
// holds. A secret never leaves.
#pragma once

#include "emulator/auth/verify.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::explain {

struct Credential {
    std::shared_ptr<const auth::KeyRecord> key;
    std::string holder; // "user student of account 111122223333"
    bool active = true;
};

struct Known {
    std::vector<Credential> credentials; // that a client may hold
    std::vector<std::string> hosts;      // other names, with ports, by which this server is reached
};

struct Question {
    const RequestHead& head;
    auth::VerifyContext context; // `now`: when the request was received
    // What was answered: "SignatureDoesNotMatch"; "" when not known. A signature that is good, and
    // one that is refused for another reason than then, are explained by nothing.
    std::string_view code{};
};

enum class Certainty {
    Reproduced, // the very signature was computed from the slip
    Evident,    // the request shows it
    Likely,     // nothing else fits
};

std::string_view certainty_name(Certainty certainty); // "reproduced"

struct Difference {
    std::string part;     // "method", "path", "query", "header x-amz-date", "body hash", "scope"
    std::size_t line = 0; // of the canonical request (of the string to sign for SigV2), from 1
    std::string computed;
    std::string signed_by_client;
};

struct SignatureExplanation {
    std::string mistake; // short name, stable: "method", "wrong-secret"; "" when nothing is wrong
    std::string cause;   // one sentence; two when there are two slips
    std::string fix;
    Certainty certainty = Certainty::Evident;
    // "" where there is none: no signature, SigV2 has no canonical request, no slip fits.
    std::string computed_request;
    std::string computed_string;
    std::string signed_request;
    std::string signed_string;
    std::optional<Difference> difference;
    std::size_t tried = 0; // signatures computed
};

// The access key id a request names, "" when it names none or cannot be read.
std::string claimed_access_key(const Question& question);

SignatureExplanation explain_signature(const Question& question, const Known& known);

// Certainty, first difference and both canonical requests, line by line, as people read them.
std::string render_text(const SignatureExplanation& explanation);

} // namespace benchtop::explain
