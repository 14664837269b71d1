// What only the composition root can do for /_benchtop/: it owns the ports.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/functions/deadlines.hpp"
#include "emulator/store/snapshots.hpp"
#include "emulator/store/tx.hpp"

namespace benchtop::pipeline {

class ControlledClock;
class SwitchableRandom;

class Controls {
public:
    virtual ~Controls() = default;
    virtual ControlledClock& clock() = 0;
    virtual SwitchableRandom& random() = 0;
    virtual functions::Deadlines& deadlines() = 0;
    virtual store::Snapshots& snapshots() = 0;
    // Events that a rule delivers late or once more.
    virtual std::size_t faulty_events() const = 0;
    // Deploys into an empty store what `up` deployed. Inside the transaction.
    virtual Result<void> deploy(store::WriteTx& tx) = 0;
    // The store's contents are exchanged: forgets what was remembered of the old ones. Inside that
    // transaction.
    virtual void forget_contents() = 0;
};

} // namespace benchtop::pipeline
