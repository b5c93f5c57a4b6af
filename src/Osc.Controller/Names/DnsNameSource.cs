using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Osc.Model;
using Osc.Policy.Validation;

namespace Osc.Controller.Names;

/// <summary>Asks DNS servers for a name's A and AAAA records, by UDP and where an answer is cut off by TCP. Nothing is cached here: times to live are the resolver's to count.</summary>
public sealed class DnsNameSource(NameSettings settings) : INameSource
{
    /// <summary>How long no address is believed where nobody says how long (RFC 2308).</summary>
    private const int NegativeSeconds = 30;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lazy<LookupClient> client = new(() => new(new LookupClientOptions([.. settings.Servers])
    {
        AutoResolveNameServers = settings.Servers.Count == 0,
        UseCache = false,
        Timeout = Timeout,
        Retries = 1,
        ThrowDnsErrors = false,
    }));

    public async Task<NameAnswer> AskAsync(string fqdn, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(AskAsync(fqdn, QueryType.A, cancellation), AskAsync(fqdn, QueryType.AAAA, cancellation));
        var known = answers.OfType<NameAnswer.Addresses>().ToArray();
        return known.Length == 0
            ? answers[0]
            : new NameAnswer.Addresses(known.SelectMany(a => a.Found).ToValueList(), LeastOf(known), known.Length == answers.Length);
    }

    /// <summary>A family without addresses counts only where neither has any.</summary>
    private static TimeSpan LeastOf(NameAnswer.Addresses[] answers) => answers.Where(a => a.Found.Count > 0 || answers.All(o => o.Found.Count == 0)).Min(a => a.TimeToLive);

    private async Task<NameAnswer> AskAsync(string fqdn, QueryType type, CancellationToken cancellation)
    {
        try
        {
            var response = await client.Value.QueryAsync(fqdn + ".", type, cancellationToken: cancellation);
            return response.Header.ResponseCode is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain
                ? new NameAnswer.Addresses(
                    response.Answers.OfType<AddressRecord>().Select(r => Of(r.Address)).Where(a => UnicastAddress.WhyNot(a) is null).Distinct().ToValueList(),
                    TimeSpan.FromSeconds(SecondsOf(response)))
                : new NameAnswer.Failed(response.ErrorMessage);
        }
        catch (Exception e) when (e is DnsResponseException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            // No server answered, or none is known.
            return new NameAnswer.Failed(e.Message);
        }
    }

    private static int SecondsOf(IDnsQueryResponse response) => response.Answers.OfType<AddressRecord>().Any()
        ? response.Answers.Min(r => r.InitialTimeToLive)
        : response.Authorities.OfType<SoaRecord>().Select(s => (int)Math.Min(s.InitialTimeToLive, s.Minimum)).DefaultIfEmpty(NegativeSeconds).Min();

    private static IpAddress Of(IPAddress address) => IpAddress.Parse(address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString());
}
