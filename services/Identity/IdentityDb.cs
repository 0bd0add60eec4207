using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity;

/// <summary>The tables of the Identity service, those of OpenIddict among them.</summary>
public sealed class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    /// <summary>Accounts.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Every change of an account's roles, of its country, or of its being active.</summary>
    public DbSet<AccountChange> History => Set<AccountChange>();

    /// <summary>Sign-ins of the last minutes that failed.</summary>
    public DbSet<FailedSignIn> FailedSignIns => Set<FailedSignIn>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseTuttiConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.UseOpenIddict<Guid>();
        // Where the databases would differ: PostgreSQL cuts the name that would be made up for this key, SQL Server filters unique columns that may be null.
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>()
            .HasOne(x => x.Application).WithMany(x => x.Authorizations).HasConstraintName("FK_OpenIddictAuthorizations_Application");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().Property(x => x.ClientId).IsRequired();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().Property(x => x.Name).IsRequired();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>().HasIndex(x => x.ReferenceId).IsUnique(false);
        modelBuilder.Entity<Account>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.HasVersion();
            row.Property(x => x.Login).HasMaxLength(Account.MaxLogin);
            row.Property(x => x.Name).HasMaxLength(Account.MaxName);
            row.Property(x => x.Searched).HasMaxLength(Account.MaxName + 1);
            row.Property(x => x.Group).HasMaxLength(Account.MaxGroup);
            row.Property(x => x.Country).HasMaxLength(2);
            row.Property(x => x.Roles).AsJson();
            row.Property(x => x.PasswordHash).HasMaxLength(256);
            row.HasMany(x => x.History).WithOne().HasForeignKey(x => x.AccountId);
            row.HasIndex(x => x.Login).IsUnique();
            row.HasIndex(x => x.Name);
        });
        modelBuilder.Entity<AccountChange>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.What).HasConversion<string>().HasMaxLength(32);
            row.Property(x => x.Roles).AsJson();
            row.Property(x => x.Country).HasMaxLength(2);
            row.Property(x => x.Reason).HasMaxLength(Account.MaxReason);
        });
        modelBuilder.Entity<FailedSignIn>(row =>
        {
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.LoginHash).HasMaxLength(64);
            row.HasIndex(x => new { x.LoginHash, x.At });
            row.HasIndex(x => x.At);
        });
    }
}
