using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Tutti.Contracts.Tests;

/// <summary>What every contract must be. Each function returns what is wrong, in words; nothing when all is well.</summary>
internal static partial class ContractRules
{
    private static readonly HashSet<Type> plain = [typeof(string), typeof(int), typeof(double), typeof(bool), typeof(Guid), typeof(DateTimeOffset)];

    /// <summary>The list names exactly the types that carry the attribute.</summary>
    public static IEnumerable<string> Complete(IReadOnlyCollection<Type> list, IEnumerable<Type> assembly)
    {
        var marked = assembly.Where(type => type.GetCustomAttribute<ContractAttribute>() is not null).ToHashSet();
        return marked.Except(list).Select(type => $"{type.Name} is not in the list")
            .Concat(list.Except(marked).Select(type => $"{type.Name} has no name"))
            .Concat(list.GroupBy(type => type).Where(group => group.Count() > 1).Select(group => $"{group.Key.Name} is listed twice"));
    }

    /// <summary>No two contracts have one name.</summary>
    public static IEnumerable<string> Unique(IEnumerable<Type> list) =>
        list.GroupBy(NameOf).Where(group => group.Count() > 1).Select(group => $"{group.Key} is {string.Join(" and ", group.Select(type => type.Name))}");

    /// <summary>Kebab-case, the service of its namespace in front.</summary>
    public static IEnumerable<string> Named(Type contract)
    {
        var name = NameOf(contract);
        if (!Kebab().IsMatch(name)) yield return $"{name} is not kebab-case";
        var service = Capital().Replace(contract.Namespace?.Split('.')[^1] ?? "", "-$0").TrimStart('-').ToLowerInvariant();
        if (!name.StartsWith(service + ".", StringComparison.Ordinal)) yield return $"{name} does not start with {service}.";
    }

    /// <summary>The key is a member that every value has.</summary>
    public static IEnumerable<string> Keyed(Type contract)
    {
        var key = contract.GetCustomAttribute<ContractAttribute>()?.Key ?? "";
        if (contract.GetProperty(key) is not { } member) yield return $"{contract.Name} has no {key}";
        else if (member.PropertyType != typeof(Guid) && member.PropertyType != typeof(string)) yield return $"{contract.Name}.{key} identifies nothing";
        else if (IsNullable(member)) yield return $"{contract.Name}.{key} may be null";
    }

    /// <summary>A sealed record, all the way down, of plain types, set once; what is not required may be null.</summary>
    public static IEnumerable<string> Plain(Type contract)
    {
        if (contract.GetMethod("<Clone>$") is null) yield return $"{contract.Name} is no record";
        if (!contract.IsSealed) yield return $"{contract.Name} is not sealed";
        foreach (var member in contract.GetProperties())
        {
            var set = member.SetMethod;
            if (set is null || !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))) yield return $"{contract.Name}.{member.Name} is not init";
            if (!IsNullable(member) && member.GetCustomAttribute<RequiredMemberAttribute>() is null) yield return $"{contract.Name}.{member.Name} is neither required nor nullable";
            var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) type = type.GetGenericArguments()[0];
            if (plain.Contains(type)) continue;
            if (type.Assembly != contract.Assembly || type.IsEnum || type.IsGenericType)
            {
                yield return $"{contract.Name}.{member.Name} is a {type.Name}";
                continue;
            }
            foreach (var inside in Plain(type)) yield return inside;
        }
    }

    /// <summary>Nothing is referenced but the framework's base.</summary>
    public static IEnumerable<string> Free(string project, IEnumerable<string> assemblies)
    {
        foreach (Match reference in Reference().Matches(project)) yield return $"a {reference.Value}";
        foreach (var assembly in assemblies)
            if (!assembly.StartsWith("System.", StringComparison.Ordinal)) yield return $"the assembly {assembly}";
    }

    public static string NameOf(Type contract) => contract.GetCustomAttribute<ContractAttribute>()?.Name ?? "";

    public static string KeyOf(Type contract) => contract.GetCustomAttribute<ContractAttribute>()?.Key ?? "";

    private static bool IsNullable(PropertyInfo member) => new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*\\.[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Kebab();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("PackageReference|ProjectReference|FrameworkReference|<Reference")]
    private static partial Regex Reference();
}
