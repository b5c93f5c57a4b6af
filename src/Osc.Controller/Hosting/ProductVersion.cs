using System.Reflection;

namespace Osc.Controller.Hosting;

/// <summary>The version of the product, as --version prints it.</summary>
public static class ProductVersion
{
    public static readonly string Text = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? throw new InvalidOperationException("the assembly was built without a version");
}
