using FluentValidation;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

internal sealed class MetadataValidator : AbstractValidator<Metadata>
{
    /// <summary>Labels with this prefix are the platform's: osc/tenant, osc/cloud, osc/network.</summary>
    private const string ReservedPrefix = "osc/";

    public MetadataValidator()
    {
        RuleFor(m => m.Tenant).Must(t => !ReservedTenants.Contains(t))
            .Says(t => $"'{t}' is a word of the API and cannot be a tenant", ReservedTenants.Allowed);
        RuleFor(m => m.Labels).Custom((labels, context) =>
        {
            foreach (var (key, value) in labels)
            {
                if (!LabelSyntax.IsKey(key))
                {
                    context.Refuse($"[{key}]", $"'{key}' is no label key", LabelSyntax.AllowedKey);
                }
                else if (key.StartsWith(ReservedPrefix, StringComparison.Ordinal))
                {
                    context.Refuse($"[{key}]", $"the label '{key}' has a prefix that the platform keeps for itself", $"any prefix but {ReservedPrefix}");
                }

                if (!LabelSyntax.IsValue(value))
                {
                    context.Refuse($"[{key}]", $"'{value}' is no label value", LabelSyntax.AllowedValue);
                }
            }
        });
    }
}
