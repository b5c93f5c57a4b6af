using Osc.Model;

namespace Osc.Controller.Names;

/// <summary>What DNS said of a name.</summary>
public abstract record NameAnswer
{
    private NameAnswer()
    {
    }

    /// <summary>It has these addresses; none, where the name does not exist or has no address.</summary>
    /// <param name="TimeToLive">How long that holds: the least of the records'.</param>
    /// <param name="IsWhole">Whether both families answered; if not, what is not here may still be so.</param>
    public sealed record Addresses(ValueList<IpAddress> Found, TimeSpan TimeToLive, bool IsWhole = true) : NameAnswer;

    /// <summary>Nobody answered, or with an error: nothing is known.</summary>
    public sealed record Failed(string Reason) : NameAnswer;
}

/// <summary>Answers for names.</summary>
public interface INameSource
{
    Task<NameAnswer> AskAsync(string fqdn, CancellationToken cancellation);
}
