using Osc.Bus;
using Osc.Model;

namespace Osc.Controller.Delivery;

/// <summary>What <see cref="HostDelivery"/> wants done after an event.</summary>
public abstract record DeliveryAction;

/// <summary>Ask the agent to say hello.</summary>
public sealed record AskForHello(ControllerMessage Message) : DeliveryAction;

/// <summary>Get all flows that the host shall have, and supply them.</summary>
public sealed record FetchFlows : DeliveryAction;

/// <summary>Send an update: one delta, or all chunks of a snapshot, in order.</summary>
/// <param name="Update">The update's id, as its ack will name it.</param>
/// <param name="Target">The revision of the host's flows after it.</param>
public sealed record SendUpdate(string Update, Revision Target, UpdateForm Form, IReadOnlyList<ControllerMessage> Messages) : DeliveryAction;

/// <summary>The switch is known to have the flows of a revision: every rollout to the host, up to that one, is done.</summary>
/// <param name="Milliseconds">How long the agent took; 0 if it was learnt from a hello.</param>
public sealed record Confirm(Revision Revision, string Digest, int Flows, double Milliseconds) : DeliveryAction;

/// <summary>The host did not take a revision.</summary>
/// <param name="IsFinal">The switch refused the flows: the same ones would be refused again. Otherwise it is only a detour or a delay.</param>
public sealed record NoteRefusal(Revision Revision, bool IsFinal, string Error) : DeliveryAction;

/// <summary>How an update travels.</summary>
public enum UpdateForm
{
    Delta,
    Snapshot,
}
