using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Osc.Audit;
using Osc.Controller.Configuration;
using Osc.Model;
using Osc.Store;

namespace Osc.Controller.Enrolment;

/// <summary>What became of an agent that showed a code.</summary>
public abstract record EnrolmentOutcome
{
    public sealed record Enrolled(string Certificate, string Authority, string Broker) : EnrolmentOutcome;

    /// <summary>No such code is good for this host: it was used, has expired, was replaced, or never was.</summary>
    public sealed record NoSuchCode : EnrolmentOutcome;

    /// <summary>The code would be good; it is not used up.</summary>
    public sealed record BadRequest(string Error) : EnrolmentOutcome;
}

/// <summary>Makes codes and takes them for certificates. A code is used up, and the record of it written, before the certificate is out.</summary>
public sealed class EnrolmentDesk(EnrolmentSettings? settings, CertificateAuthority? authority, PolicyStore store, TimeProvider time)
{
    /// <summary>160 bits: not to be guessed, so that a plain SHA-256 is enough to keep of it.</summary>
    private const int CodeBytes = 20;

    /// <summary>Whether this controller signs certificates.</summary>
    public bool IsOpen => settings is not null && authority is not null;

    /// <summary>How soon a certificate may be renewed again: each is a record of the audit log.</summary>
    public static readonly TimeSpan RenewedAtMost = TimeSpan.FromHours(1);

    /// <returns>The code, which is nowhere kept, and until when it is good.</returns>
    public (string Code, DateTimeOffset Expires) MakeCode(Name host, TimeSpan life, Origin origin)
    {
        var (code, expires) = (Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes)), time.GetUtcNow() + life);
        store.Access.PutEnrolment(host, HashOf(code), expires, Record(AuditAction.EnrolmentCode, host, origin, $$"""{"expires":"{{expires:O}}"}"""));
        return (code, expires);
    }

    public EnrolmentOutcome Enrol(string host, string code, string request, Origin origin)
    {
        var now = time.GetUtcNow();
        if (authority is null || settings is null || !Name.TryParse(host, out var name))
        {
            return new EnrolmentOutcome.NoSuchCode();
        }

        if (authority.Issue(name, request, now, out var error) is not { } certificate)
        {
            return new EnrolmentOutcome.BadRequest(error!); // there is one where there is no certificate
        }

        var record = Record(AuditAction.EnrolmentCertificate, name, origin with { Actor = Origin.Agent(name).Actor }, $$"""{"sha256":"{{certificate.Sha256}}"}""");
        return store.Access.TakeEnrolment(name, HashOf(code), certificate.Key, now, record)
            ? new EnrolmentOutcome.Enrolled(certificate.Pem, authority.Certificate, settings.Broker.ToString())
            : new EnrolmentOutcome.NoSuchCode();
    }

    /// <summary>
    /// Signs a certificate again for the agent that enrolled as a host's, which the broker has let in as such: for the same key, so that who may write as the
    /// host for a while gets nothing that lasts.
    /// </summary>
    /// <param name="request">PKCS #10, in PEM.</param>
    /// <param name="error">Why not; null if it was done.</param>
    /// <returns>PEM; null if it was not done.</returns>
    /// <exception cref="StoreException">It was not done.</exception>
    public string? Renew(Name host, string request, out string? error)
    {
        var now = time.GetUtcNow();
        error = null;
        if (authority is null)
        {
            error = "this controller signs no certificates";
            return null;
        }

        if (authority.Issue(host, request, now, out error) is not { } certificate)
        {
            return null;
        }

        var record = Record(AuditAction.EnrolmentRenewal, host, Origin.Agent(host), $$"""{"sha256":"{{certificate.Sha256}}"}""");
        if (store.Access.RenewEnrolment(host, certificate.Key, RenewedAtMost, now, record))
        {
            return certificate.Pem;
        }

        error = "it is not for the key that the host enrolled with, or was signed a moment ago";
        return null;
    }

    private AuditRecord Record(string action, Name host, Origin origin, string after) => new()
    {
        Time = time.GetUtcNow(),
        Actor = origin.Actor,
        Address = origin.Address,
        RequestId = origin.RequestId,
        Reason = origin.Reason,
        Action = action,
        Kind = "Host",
        Name = host.Value,
        After = after,
        Outcome = AuditRecord.Ok,
    };

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
