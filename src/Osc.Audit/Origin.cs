namespace Osc.Audit;

/// <summary>Who asks for something, from where, in which request and why: the part of a record that the asker brings along.</summary>
/// <param name="Actor">A token's name, "osc" for the controller itself, or "agent/HOST".</param>
/// <param name="Address">An IP address; empty for the controller itself.</param>
/// <param name="Reason">Why, in the actor's words; may be empty.</param>
public sealed record Origin(string Actor, string Address = "", string RequestId = "", string Reason = "")
{
    /// <summary>The controller itself.</summary>
    public static readonly Origin Controller = new("osc");

    public static Origin Agent(Model.Name host) => new($"agent/{host}");
}
