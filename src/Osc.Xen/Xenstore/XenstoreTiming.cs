namespace Osc.Xen.Xenstore;

/// <summary>How a client deals with a server that is slow or away.</summary>
/// <param name="ReplyLimit">After so long without the answer to a request the connection is given up.</param>
/// <param name="FirstRetry">The delay before a watch connects anew; each further one doubles it.</param>
/// <param name="LongestRetry">The longest such delay.</param>
public sealed record XenstoreTiming(TimeSpan ReplyLimit, TimeSpan FirstRetry, TimeSpan LongestRetry)
{
    public static readonly XenstoreTiming Default = new(TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
}
