// In-process handlers' way to AWS: their signed requests enter the pipeline like anybody's.
#pragma once

#include "emulator/functions/handler_transport.hpp"
#include "emulator/pipeline/services.hpp"

#include <atomic>

namespace benchtop::pipeline {

class HandlerBridge final : public functions::HandlerTransport {
public:
    // The invoker needs the bridge before the services (which need the invoker) exist.
    void connect(Services& services) { services_ = &services; }

    Response
    send(RequestHead head, std::string body, const functions::HandlerSource& source) override;

private:
    std::atomic<Services*> services_ = nullptr;
};

} // namespace benchtop::pipeline
