#pragma once

namespace holdfast::transport {

/// Grows the kernel's table of this process's descriptors to what the process may open (at most
/// 2^20). Call it while there is one thread: later every doubling waits for an RCU grace period
/// inside accept4(), which stalls a connect storm by some 20 ms each.
void grow_descriptor_table();

} // namespace holdfast::transport
