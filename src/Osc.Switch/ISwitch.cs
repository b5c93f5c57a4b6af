using Osc.Flows;
using Osc.Model;
using Osc.Switch.Control;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Switch;

/// <summary>
/// One host's Open vSwitch as its agent sees it. Expected failures (no switch, no such bridge, a socket that closes, a
/// refused flow) are values; only a caller's own mistakes throw. Calls for one bridge run one after the other.
/// </summary>
public interface ISwitch
{
    /// <summary>
    /// Raised when the connection to a bridge ends, also while no call is under way: a switch daemon that restarts comes back
    /// without flows, and nothing in its database need change. What the bridge has is then unknown; the caller reconciles in full.
    /// Handlers return at once and do not call back.
    /// </summary>
    event Action<PortName>? ConnectionLost;

    /// <summary>Raised when somebody else changes a connected bridge's flows, some milliseconds after it is done. Handlers return at once and do not call back.</summary>
    event Action<FlowsTouched>? FlowsTouched;

    /// <summary>Raised for each packet that a flow sends to the agent, as long as the bridge is connected. Handlers return at once.</summary>
    event Action<PacketIn>? PacketReceived;

    /// <summary>
    /// Follows the switch's database: the whole inventory at once, then again after every change. The last event is an
    /// <see cref="InventoryLost"/>, unless the enumeration was cancelled; to go on, the caller enumerates anew.
    /// </summary>
    IAsyncEnumerable<InventoryEvent> WatchAsync(CancellationToken cancellation);

    /// <summary>
    /// The full path, at start and whenever in doubt: dumps the bridge's flows, compares those that bear our cookie with
    /// the desired ones, and applies the difference in one bundle. Flows that are already right are not touched.
    /// </summary>
    /// <param name="desired">What the bridge shall have, ports by name.</param>
    /// <param name="ports">The numbers of the ports; flows naming a port without one wait.</param>
    Task<ReconcileOutcome> ReconcileAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation);

    /// <summary>
    /// The full path for flows that the last successful call left: what differs now is somebody else's doing, or the switch's. A foreign flow
    /// that took the place of one of them is displaced in turn, as long as the connection is the one that they were put in by; else it is refused as in
    /// <see cref="ReconcileAsync"/>, since it may have been there first.
    /// </summary>
    Task<ReconcileOutcome> RepairAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation);

    /// <summary>
    /// The fast path: applies a known difference to the flows that the last successful call left, without a dump, with the
    /// binding of that call. <see cref="ReconcileStatus.StateUnknown"/> when there was none since the connection was made.
    /// </summary>
    Task<ReconcileOutcome> ApplyAsync(BridgeDelta delta, CancellationToken cancellation);

    /// <summary>
    /// Takes over a new binding without a dump: only flows that name a port whose number came, went or changed are touched.
    /// </summary>
    /// <param name="desired">The flows that the last successful call left, those that wait included.</param>
    Task<ReconcileOutcome> RebindAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation);

    /// <summary>
    /// Has a switch daemon that waits with forwarding since its start go on (flow-restore-wait, ovs-vswitchd.conf.db(5)).
    /// </summary>
    /// <param name="waitsNextTime">Whether its next start is to wait for the same. If not, what somebody else had it wait for is left alone.</param>
    /// <returns>null, or why that is not done.</returns>
    Task<string?> PassGateAsync(bool waitsNextTime, CancellationToken cancellation);

    /// <summary>Hands a bridge a packet. Without a connection it is lost, like any packet on its way.</summary>
    Task SendAsync(PortName bridge, PacketOut packet, CancellationToken cancellation);

    /// <summary>Asks the switch daemon what its datapaths counted: whether packets that need a decision reach it.</summary>
    Task<DatapathReading> ReadDatapathsAsync(CancellationToken cancellation);
}
