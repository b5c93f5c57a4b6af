using FluentValidation.Results;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>
/// The rules of each kind that a document can be held to by itself: what its types cannot rule out and what needs no other document.
/// </summary>
public static class DocumentValidator
{
    private static readonly MetadataValidator Metadata = new();
    private static readonly TenantValidator Tenant = new();
    private static readonly NetworkValidator Network = new();
    private static readonly HostValidator Host = new();
    private static readonly WorkloadValidator Workload = new();
    private static readonly DnsNameValidator DnsName = new();
    private static readonly SecurityGroupValidator Group = new();
    private static readonly ServiceValidator Service = new();
    private static readonly PolicyValidator Policy = new();
    private static readonly InspectionChainValidator Chain = new();

    /// <summary>Every rule that a document breaks; nothing for a sound one.</summary>
    public static IReadOnlyList<BrokenRule> Validate(Document document) =>
    [
        .. Metadata.Validate(document.Metadata).Errors.Select(f => ToBrokenRule("metadata.", f)),
        .. OfKind(document).Errors.Select(f => ToBrokenRule("spec.", f)),
    ];

    private static ValidationResult OfKind(Document document) => document switch
    {
        TenantDocument tenant => Tenant.Validate(tenant),
        NetworkDocument network => Network.Validate(network),
        HostDocument host => Host.Validate(host),
        WorkloadDocument workload => Workload.Validate(workload),
        DnsNameDocument name => DnsName.Validate(name),
        SecurityGroupDocument group => Group.Validate(group),
        ServiceDocument service => Service.Validate(service),
        PolicyDocument policy => Policy.Validate(policy),
        InspectionChainDocument chain => Chain.Validate(chain),
        CloudDocument or AssertionDocument => new ValidationResult(),
        _ => throw new InvalidOperationException($"no validator for {document.Kind}"),
    };

    private static BrokenRule ToBrokenRule(string prefix, ValidationFailure failure)
    {
        var path = FieldPath(failure.PropertyName);
        return new(path.StartsWith("metadata.", StringComparison.Ordinal) ? path : prefix + path, failure.ErrorMessage, failure.CustomState as string ?? "");
    }

    /// <summary>Records and documents use the same words, documents with a small first letter: "Rules[0].Name" is "rules[0].name".</summary>
    private static string FieldPath(string property)
    {
        var text = property.ToCharArray();
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
            var beginsWord = depth == 0 && (i == 0 || text[i - 1] == '.');
            text[i] = beginsWord ? char.ToLowerInvariant(text[i]) : text[i];
        }

        return new(text);
    }
}
